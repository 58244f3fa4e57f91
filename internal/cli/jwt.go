package cli

import (
	"context"
	"fmt"

	"roster/internal/auth"
	"roster/internal/server"
)

type jwtCommand struct {
	Rotate jwtRotateCommand `cmd:"" help:"Make a new key that signs JSON Web Tokens."`
}

type jwtRotateCommand struct {
	Now    bool `help:"Sign with the new key at once. Without it, the key is published for a day first, so that other services know it."`
	Revoke bool `help:"Delete the other keys, for example after one has leaked: all JSON Web Tokens become invalid. Implies --now."`
}

// Run prints the id of the new key.
func (c *jwtRotateCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		id, err := s.JWTs.RotateKeys(ctx, cliActor(), auth.KeyRotation{Now: c.Now, Revoke: c.Revoke})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Out, "Made key %s, which signs %s. %s\n", id, c.when(), c.others())
		return err
	})
}

func (c *jwtRotateCommand) when() string {
	if c.Now || c.Revoke {
		return "within a minute on every server"
	}
	return "in a day"
}

func (c *jwtRotateCommand) others() string {
	if c.Revoke {
		return "The other keys were deleted."
	}
	return "The other keys verify until their tokens have expired."
}
