package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/passkey"
	"roster/internal/auth/passkeytest"
	"roster/internal/fault"
)

func TestPasskeys_Alone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, _ := f.addPasskey(t, f.logIn(t, a), "")
	f.Advance(time.Hour)
	token, err := f.logInByKey(t, key)
	if err != nil {
		t.Fatal(err)
	}
	in := f.in(t, token)
	if !in.Actor().Staff() || in.Account.ID != a.ID || !in.Confirmed(f.Now()) || !in.Account.LastLogin.Equal(f.Now()) {
		t.Errorf("got %+v", in)
	}
	if got, want := f.passkeyTrail(t), []string{"update passkey: <nil>, Passkey", "login passkey: <nil>, Passkey"}; !slices.Equal(got, want) {
		t.Errorf("got the trail %q, want %q", got, want)
	}
}

func TestPasskeys_Refused(t *testing.T) {
	t.Parallel()
	const bad, stale = "This passkey cannot be used to log in here.", "This took too long or was already used. Try again."
	for name, tt := range map[string]struct {
		before func(t *testing.T, f *fixture, token auth.Token, a auth.Account, key *passkeytest.Authenticator)
		answer func(r *auth.PasskeyLogin)
		want   string
	}{
		"another origin":  {before: keyed(func(k *passkeytest.Authenticator) { k.Origin = "https://example.org" }), want: bad},
		"another domain":  {before: keyed(func(k *passkeytest.Authenticator) { k.RPID = "example.org" }), want: bad},
		"not verified":    {before: keyed(func(k *passkeytest.Authenticator) { k.Verified = false }), want: bad},
		"without handle":  {before: keyed(func(k *passkeytest.Authenticator) { k.Handle = []byte("another one") }), want: bad},
		"cloned":          {before: keyed(func(k *passkeytest.Authenticator) { k.Count = 0 }), want: "This passkey was refused because it may have been copied."},
		"another browser": {answer: func(r *auth.PasskeyLogin) { r.Browser = "c" }, want: stale},
		"no browser":      {answer: func(r *auth.PasskeyLogin) { r.Browser = "" }, want: stale},
		"another site":    {answer: func(r *auth.PasskeyLogin) { r.Site = passkey.Site{ID: "example.org", Origin: "https://example.org"} }, want: bad},
		"no challenge":    {answer: func(r *auth.PasskeyLogin) { r.Challenge = "" }, want: stale},
		"no answer":       {answer: func(r *auth.PasskeyLogin) { r.Credential = "{}" }, want: bad},
		"removed": {before: func(t *testing.T, f *fixture, token auth.Token, _ auth.Account, _ *passkeytest.Authenticator) {
			t.Helper()
			if err := f.passkeys.Remove(t.Context(), f.in(t, token), 1, waysIn, home); err != nil {
				t.Fatal(err)
			}
		}, want: bad},
		"deactivated": {before: func(t *testing.T, f *fixture, _ auth.Token, a auth.Account, _ *passkeytest.Authenticator) {
			t.Helper()
			if _, err := f.accounts.Update(t.Context(), system, a.ID, auth.AccountChange{IsActive: ptr(false)}); err != nil {
				t.Fatal(err)
			}
		}, want: bad},
		"deleted": {before: func(t *testing.T, f *fixture, _ auth.Token, a auth.Account, _ *passkeytest.Authenticator) {
			t.Helper()
			if err := f.accounts.Delete(t.Context(), system, a.ID); err != nil {
				t.Fatal(err)
			}
		}, want: bad},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			a := f.create(t, named("ann"), true)
			token := f.logIn(t, a)
			key, _ := f.addPasskey(t, token, "")
			if tt.before != nil {
				tt.before(t, f, token, a, key)
			}
			r := f.answerLogin(t, key)
			if tt.answer != nil {
				tt.answer(&r)
			}
			login, err := f.passkeys.LogIn(t.Context(), r)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || fault.KindOf(err) != fault.Invalid || login.Token.Reveal() != "" {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func keyed(change func(*passkeytest.Authenticator)) func(*testing.T, *fixture, auth.Token, auth.Account, *passkeytest.Authenticator) {
	return func(_ *testing.T, _ *fixture, _ auth.Token, _ auth.Account, k *passkeytest.Authenticator) { change(k) }
}

// A challenge is answered once, and within five minutes.
func TestPasskeys_Challenge(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	key, _ := f.addPasskey(t, f.logIn(t, f.create(t, named("ann"), true)), "")
	key.Count = 0
	f.setCount(t, 0) // so that only the challenge protects from a replay
	r := f.answerLogin(t, key)
	if _, err := f.passkeys.LogIn(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for what, wait := range map[string]time.Duration{"replayed": 0, "expired": passkey.Life} {
		if what == "expired" {
			r = f.answerLogin(t, key)
		}
		f.Advance(wait)
		if _, err := f.passkeys.LogIn(t.Context(), r); err == nil || !strings.Contains(err.Error(), "took too long or was already used") {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// setCount sets the stored counter of the only passkey.
func (f *fixture) setCount(t *testing.T, n uint32) {
	t.Helper()
	err := f.db.InAuthTx(t.Context(), func(tx auth.Tx) error {
		own, err := tx.ListPasskeys(1)
		if err != nil {
			return err
		}
		own[0].Credential.SignCount = n
		return tx.UpdatePasskey(own[0])
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A copy is refused, is recorded, and leaves the counter as it is.
func TestPasskeys_Cloned(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, _ := f.addPasskey(t, f.logIn(t, a), "USB")
	clone := *key
	for range 2 {
		if _, err := f.logInByKey(t, key); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.logInByKey(t, &clone); !errors.Is(err, auth.ErrClonedPasskey) {
		t.Errorf("alone: got %v", err)
	}
	if _, err := f.enterPasskey(t, f.logIn(t, a), &clone); !errors.Is(err, auth.ErrClonedPasskey) {
		t.Errorf("after the password: got %v", err)
	}
	if _, err := f.logInByKey(t, key); err != nil {
		t.Errorf("the original: got %v", err)
	}
	want := []string{
		"update passkey: <nil>, USB", "login passkey: <nil>, USB", "login passkey: <nil>, USB",
		"login_failed cloned_passkey: <nil>, USB", "login_failed cloned_passkey: <nil>, USB", "login passkey: <nil>, USB",
	}
	if got := f.passkeyTrail(t); !slices.Equal(got, want) {
		t.Errorf("got the trail %q, want %q", got, want)
	}
}

// Refused passkeys count as failed logins, and a locked account stays locked.
func TestPasskeys_Throttled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, _ := f.addPasskey(t, f.logIn(t, a), "")
	key.Verified = false
	for range 10 {
		if _, err := f.logInByKey(t, key); !errors.Is(err, auth.ErrBadPasskey) {
			t.Fatalf("got %v", err)
		}
	}
	key.Verified = true
	_, err := f.logInByKey(t, key)
	wantKind(t, "the right one after ten wrong ones", err, fault.Throttled)
	f.wantDeeds(t, a.Object(), append([]audit.Action{audit.Create, audit.Login, audit.Update}, slices.Repeat([]audit.Action{audit.LoginFailed}, 10)...)...)
}
