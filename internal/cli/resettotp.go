package cli

import (
	"context"
	"fmt"

	"roster/internal/fault"
)

type resetTOTPCommand struct {
	Username string `arg:"" help:"The account."`
}

// Run takes the second factor from an account whose owner has lost it.
func (c *resetTOTPCommand) Run(ctx context.Context, env *environment) error {
	return withStaff(ctx, env, func(staff staffServices) error {
		account, err := staff.accounts.FindNamed(ctx, cliActor(), c.Username)
		if fault.KindOf(err) == fault.NotFound {
			return fmt.Errorf("user %q does not exist", c.Username)
		}
		if err != nil {
			return err
		}
		had, err := staff.factors.Reset(ctx, cliActor(), account.ID)
		if err != nil {
			return err
		}
		said := "The second factor of user '%s' is gone: the password is enough until another is set up\n"
		if !had {
			said = "User '%s' has no second factor\n"
		}
		_, err = fmt.Fprintf(env.Out, said, account.Username)
		return err
	})
}
