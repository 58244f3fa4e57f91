package resources

import (
	"context"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/phrase"
)

const (
	factorsField = "second_factors" // the value that names the second factors of an account
	noFactors    = "Not set up"
)

func factorsText(s auth.FactorState) string {
	if !s.Any() {
		return noFactors
	}
	var parts []string
	if s.App {
		parts = append(parts, "Authenticator app")
	}
	if s.Passkeys > 0 {
		parts = append(parts, phrase.Count(s.Passkeys, "passkey"))
	}
	return strings.Join(append(parts, phrase.Count(s.Codes, "unused recovery code")), ", ")
}

// factorsPage removes the second factors of an owner who has lost them. Users
// change their own on a page of their account.
func factorsPage(accounts *auth.Accounts, factors *auth.Factors) site.Extra {
	return site.Extra{
		Name: "two-factor", Label: "Reset two-factor authentication", Needs: access.Accounts.Change(),
		Fits:   func(r site.Record) bool { return r.Values[factorsField] != noFactors },
		Button: "Reset two-factor authentication", Danger: true, Done: "Two-factor authentication was reset.",
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			if ask.ID == actor.ID() {
				return site.Sheet{Elsewhere: "/admin/totp/"}, nil
			}
			a, _, err := accounts.Find(ctx, actor, ask.ID)
			text := "This removes the authenticator app, the passkeys, and the recovery codes of the account."
			if !a.HasPassword() {
				text += " The account has no password: without its passkeys, its owner may need an invitation to log in."
			} else {
				text += " Until another factor is set up, the password alone is enough to log in."
			}
			return site.Sheet{Title: "Reset two-factor authentication of " + a.Username + "?", Text: text}, err
		},
		Do: func(ctx context.Context, actor access.Actor, id int64, _ map[string]string) error {
			if id == actor.ID() {
				return fault.New(fault.Denied, "To change your own factors, use Two-factor in the account menu.")
			}
			had, err := factors.Reset(ctx, actor, id)
			if err == nil && !had {
				err = fault.New(fault.Conflict, "The account has no second factor.")
			}
			return err
		},
	}
}
