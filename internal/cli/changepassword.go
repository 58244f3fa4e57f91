package cli

import (
	"context"
	"fmt"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/server"
)

type changePasswordCommand struct {
	Username string `arg:"" help:"The account."`
}

// passwordTries is how often changepassword asks, as in Django's command.
const passwordTries = 3

// Run changes an account's password and ends its sessions.
func (c *changePasswordCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		account, err := findAccount(ctx, s, c.Username)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Out, "Changing password for user '%s'\n", account.Username)
		return c.change(ctx, env, s.Accounts, account)
	})
}

func (c *changePasswordCommand) change(ctx context.Context, env *environment, accounts *auth.Accounts, account auth.Account) error {
	p := newPrompter(env)
	for range passwordTries {
		text, same, err := p.askTwice(ctx)
		if err != nil {
			return err
		}
		if !same || text.IsEmpty() {
			fmt.Fprintln(env.Out, "Passwords do not match. Please try again.")
			continue
		}
		err = accounts.SetPassword(ctx, cliActor(), account.ID, auth.NewPassword{Text: text}, 0)
		if fault.KindOf(err) == fault.Invalid {
			fmt.Fprintln(env.Err, explained(err))
			continue
		}
		if err == nil {
			_, err = fmt.Fprintf(env.Out, "Password changed successfully for user '%s'\n", account.Username)
		}
		return err
	}
	return fmt.Errorf("aborting password change for user '%s' after %d attempts", account.Username, passwordTries)
}
