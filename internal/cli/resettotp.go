package cli

import (
	"context"
	"fmt"

	"roster/internal/server"
)

type resetTOTPCommand struct {
	Username string `arg:"" help:"The account."`
}

// Run removes the second factor of an account whose owner has lost it.
func (c *resetTOTPCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		account, err := findAccount(ctx, s, c.Username)
		if err != nil {
			return err
		}
		had, err := s.Factors.Reset(ctx, cliActor(), account.ID)
		if err != nil {
			return err
		}
		said := "Two-factor authentication of user '%s' was reset: the password is enough until another factor is set up\n"
		if !had {
			said = "User '%s' has no second factor\n"
		}
		_, err = fmt.Fprintf(env.Out, said, account.Username)
		return err
	})
}
