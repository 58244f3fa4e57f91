package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"roster/internal/audit"
	"roster/internal/server"
)

type subjectCommand struct {
	Export subjectExportCommand `cmd:"" help:"Write everything that is kept about a user as JSON."`
}

type subjectExportCommand struct {
	User string `arg:"" help:"Id, username or e-mail address of the user."`
	File string `arg:"" optional:"" help:"File to create, which must not exist; defaults to standard output."`
}

// Run writes the row of a user, the audit entries about it, the mail to it and the
// tasks about it.
func (c *subjectExportCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		trail, err := s.Trail()
		if err != nil {
			return err
		}
		return c.write(ctx, env, s, trail)
	})
}

func (c *subjectExportCommand) write(ctx context.Context, env *environment, s *server.Services, trail *audit.Trail) (err error) {
	records := s.Records(trail)
	id, err := records.Resolve(ctx, cliActor(), c.User)
	if err != nil {
		return err
	}
	if c.File == "" || c.File == "-" {
		return records.Export(ctx, cliActor(), id, env.Out)
	}
	file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", c.File, reasonOf(err))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return records.Export(ctx, cliActor(), id, file)
}
