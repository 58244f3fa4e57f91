package resources

import (
	"context"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

// passwordFields returns the fields that set a password, or none.
func passwordFields(accounts *auth.Accounts, onAdd bool) []site.Field {
	return []site.Field{
		{Name: "password", Label: "Password", Widget: site.Password, OnAdd: onAdd, Help: strings.Join(accounts.PasswordHelp(), " ")},
		{Name: "password_again", Label: "Password again", Widget: site.Password, OnAdd: onAdd},
		{Name: "no_password", Label: "No password", Widget: site.Box, OnAdd: onAdd, Help: "The owner can then log in only with a passkey or a linked login."},
	}
}

// passwordOf returns the password in a form.
func passwordOf(values map[string]string) (auth.NewPassword, error) {
	again := secret.New(values["password_again"])
	pw := auth.NewPassword{Text: secret.New(values["password"]), Again: &again}
	for _, box := range []string{"no_password", "invite"} {
		if values[box] == "" {
			continue
		}
		if !pw.Text.IsEmpty() || !again.IsEmpty() {
			var faults fault.Fields
			faults.Add(box, "Enter a password or check this, not both.")
			return pw, faults.Err()
		}
		pw = auth.NewPassword{}
	}
	return pw, nil
}

// passwordPage is the page that sets the password of another account. Users change
// their own on a page that asks for the old one and keeps their session.
func passwordPage(accounts *auth.Accounts) site.Extra {
	return site.Extra{
		Name: "password", Label: "Change password", Needs: access.Accounts.Change(), Button: "Change password",
		Fields: passwordFields(accounts, false),
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			if ask.ID == actor.ID() {
				return site.Sheet{Elsewhere: "/admin/password_change/"}, nil
			}
			a, _, err := accounts.Find(ctx, actor, ask.ID)
			return site.Sheet{Title: "Change password of " + a.Username, Text: "This ends the sessions of the account."}, err
		},
		Do: func(ctx context.Context, actor access.Actor, id int64, values map[string]string) error {
			if id == actor.ID() {
				return fault.New(fault.Denied, "To change your own password, use Change password at the top of the page.")
			}
			pw, err := passwordOf(values)
			if err != nil {
				return err
			}
			return accounts.SetPassword(ctx, actor, id, pw, 0)
		},
	}
}
