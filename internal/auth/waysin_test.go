package auth_test

import (
	"testing"

	"roster/internal/auth"
	"roster/internal/auth/passkeytest"
	"roster/internal/fault"
)

// waysIn are those of the tests: a provider, and passkeys at a site.
var waysIn = auth.WaysIn{Site: passkeySite.ID, Issuers: []string{issuer, "https://other.example.com"}}

// An owner without a password keeps a way in: a login at a provider of this
// server, or a passkey of this site that verifies its owner.
func TestWaysIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := person()
	c.Groups, c.AuthTime = []string{"staff"}, f.Now()
	token := f.mustLogInBy(t, c, corp())
	ann := f.in(t, token).Account
	unlink := func(ways auth.WaysIn) error {
		found, err := f.identities().List(t.Context(), f.as(t, ann), ann.ID)
		if err != nil || len(found) != 1 {
			t.Fatalf("got %+v, %v, want one identity", found, err)
		}
		return f.identities().Unlink(t.Context(), f.as(t, ann), found[0].ID, ways)
	}
	remove := func(id int64) error { return f.passkeys.Remove(t.Context(), f.in(t, token), id, waysIn, home) }
	ok := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: got %v", what, err)
		}
	}
	wantKind(t, "the identity alone", unlink(waysIn), fault.Conflict)
	laptop, _ := f.addPasskey(t, token, "Laptop")
	wantKind(t, "beside a passkey of another site", unlink(auth.WaysIn{Site: "other.example.com", Issuers: waysIn.Issuers}), fault.Conflict)
	ok("the identity beside a passkey", unlink(waysIn))

	token, err := f.logInByKey(t, laptop)
	ok("a login with the passkey alone", err)
	wantKind(t, "the passkey alone", remove(1), fault.Conflict)
	key := passkeytest.New(t, passkeySite.Origin)
	key.Count, key.Verified = 1, false
	_, err = f.tryAdd(t, token, key, "Key")
	ok("a passkey that does not verify its owner", err)
	wantKind(t, "beside it", remove(1), fault.Conflict)
	f.addPasskey(t, token, "Phone")
	ok("beside a passkey that verifies its owner", remove(1))
	wantKind(t, "that passkey", remove(3), fault.Conflict)
	ok("an identity of a former provider", f.identities().Add(t.Context(), system, ann.ID, "https://former.example.com", "1"))
	wantKind(t, "beside an identity of a former provider", remove(3), fault.Conflict)
	ok("that identity", unlink(waysIn))
	ok("an identity", f.identities().Add(t.Context(), system, ann.ID, issuer, "1"))
	ok("the passkey beside an identity", remove(3))
	ok("a password", f.accounts.SetPassword(t.Context(), system, ann.ID, auth.NewPassword{Text: passwordOf("ann")}, 0))
	ok("the identity beside a password", unlink(waysIn))
}
