package auth

import (
	"slices"

	"roster/internal/fault"
)

// WaysIn are the logins that a server offers besides those with a password.
type WaysIn struct {
	Site    string   // of passkeys, "" if they cannot be used here
	Issuers []string // of the providers
}

var errLastWay = fault.New(fault.Conflict, "This is the only way to log in to your account."+
	" Add a passkey that verifies you, link another login, or ask an administrator to set a password first.")

// checkLast returns errLastWay if the owner of an account could not log in with
// what remains: a password, one of the identities, or one of the passkeys.
//
// A passkey logs in alone only if its authenticator verifies the owner, so one
// counts that did when it was added.
func (w WaysIn) checkLast(a Account, identities []Identity, passkeys []Passkey) error {
	byPasskey := func(k Passkey) bool { return k.Site == w.Site && k.Credential.Verified() }
	if a.HasPassword() || slices.ContainsFunc(identities, w.offers) || slices.ContainsFunc(passkeys, byPasskey) {
		return nil
	}
	return errLastWay
}

// offers reports whether a provider of the server has the identity.
func (w WaysIn) offers(i Identity) bool { return slices.Contains(w.Issuers, i.Issuer) }
