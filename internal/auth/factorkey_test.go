package auth_test

import (
	"errors"
	"strings"
	"testing"

	"roster/internal/auth"
	"roster/internal/auth/totp"
	"roster/internal/fault"
)

// rekey creates the services again with other keys, as a restart of the server
// with another SECRET_KEY does.
func (f *fixture) rekey(current string, older ...string) {
	keys := auth.NewKeys(current, older...)
	f.sessions.Keys = keys
	f.factors = auth.NewFactors(f.db, keys, f.Now, f.sessions.Log)
}

// stored returns the key of an account's app as it is in the table, after
// changing it.
func (f *fixture) stored(t *testing.T, account int64, change func(*auth.Factor)) string {
	t.Helper()
	var factor auth.Factor
	err := f.db.InAuthTx(t.Context(), func(tx auth.Tx) (err error) {
		if factor, err = tx.FindFactor(account); err != nil || change == nil {
			return err
		}
		change(&factor)
		return tx.SaveFactor(account, factor)
	})
	if err != nil {
		t.Fatal(err)
	}
	return factor.Key
}

// loginWith logs in with the account's password and a code.
func (f *fixture) loginWith(t *testing.T, a auth.Account, code string) error {
	t.Helper()
	_, err := f.enterCode(t, f.logIn(t, a), code)
	f.Advance(minute) // the code is used up
	return err
}

// The table shows no key, neither before nor after the first code, and what it
// shows is of no use for another account.
func TestFactors_Sealed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann, bob := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	token := f.logIn(t, ann)
	if _, err := f.factors.Enrol(t.Context(), f.in(t, token)); err != nil {
		t.Fatal(err)
	}
	before := f.stored(t, ann.ID, nil)
	key, _ := f.enrol(t, token)
	after := f.stored(t, ann.ID, nil)
	for _, text := range []string{before, after} {
		if len(text) != 64 || strings.Contains(text, key.Reveal()) {
			t.Errorf("got %q, want 64 characters that do not show the key", text)
		}
	}
	f.enrol(t, f.logIn(t, bob))
	f.stored(t, bob.ID, func(factor *auth.Factor) { factor.Key = after })
	if err := f.loginWith(t, bob, key.Code(f.Now())); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("with the key of another account: got %v", err)
	}
	if err := f.loginWith(t, ann, key.Code(f.Now())); err != nil {
		t.Error(err)
	}
	if again := f.stored(t, ann.ID, nil); again == after {
		t.Error("got the same text twice, want a new nonce for each")
	}
}

// A key survives the change of SECRET_KEY: it is encrypted again at the next
// login, or by Reseal, and then no longer needs the older one.
func TestFactors_Rotation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann, bob := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	f.rekey("first")
	keyA, _ := f.enrol(t, f.logIn(t, ann))
	keyB, recovery := f.enrol(t, f.logIn(t, bob))
	f.rekey("second", "first")
	if err := f.loginWith(t, ann, keyA.Code(f.Now())); err != nil {
		t.Errorf("with the older key: %v", err)
	}
	f.rekey("second")
	if err := f.loginWith(t, ann, keyA.Code(f.Now())); err != nil {
		t.Errorf("after a login, without the older key: %v", err)
	}
	if err := f.loginWith(t, bob, keyB.Code(f.Now())); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("without a login or the older key: got %v", err)
	}
	if err := f.loginWith(t, bob, recovery[0].Reveal()); err != nil {
		t.Errorf("a recovery code needs no key: %v", err)
	}
	f.wantReseal(t, 0, 1)
	f.rekey("third", "second", "first")
	f.wantReseal(t, 2, 0)
	f.wantReseal(t, 0, 0)
	f.rekey("third")
	for a, key := range map[auth.Account]totp.Key{ann: keyA, bob: keyB} {
		if err := f.loginWith(t, a, key.Code(f.Now())); err != nil {
			t.Errorf("%s: %v", a.Username, err)
		}
	}
}

func (f *fixture) wantReseal(t *testing.T, resealed, unreadable int) {
	t.Helper()
	if n, bad, err := f.factors.Reseal(t.Context()); err != nil || n != resealed || bad != unreadable {
		t.Errorf("resealed %d, unreadable %d, %v, want %d and %d", n, bad, err, resealed, unreadable)
	}
}

// Keys that earlier versions stored in clear text go on, and are encrypted.
func TestFactors_ClearText(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	key, _ := f.enrol(t, f.logIn(t, ann))
	inClear := func(factor *auth.Factor) { factor.Key = key.Reveal() }
	f.stored(t, ann.ID, inClear)
	if err := f.loginWith(t, ann, key.Code(f.Now())); err != nil {
		t.Errorf("in clear text: %v", err)
	}
	if text := f.stored(t, ann.ID, nil); strings.Contains(text, key.Reveal()) {
		t.Errorf("after the login: got %q", text)
	}
	f.stored(t, ann.ID, inClear)
	f.wantReseal(t, 1, 0)
	if text := f.stored(t, ann.ID, nil); strings.Contains(text, key.Reveal()) {
		t.Errorf("resealed: got %q", text)
	}
	if err := f.loginWith(t, ann, key.Code(f.Now())); err != nil {
		t.Errorf("resealed: %v", err)
	}
}

// Without SECRET_KEY nothing is encrypted with a key that everyone knows.
func TestFactors_WithoutKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	token := f.logIn(t, ann)
	f.rekey("")
	_, err := f.factors.Enrol(t.Context(), f.in(t, token))
	wantKind(t, "a new key", err, fault.Internal)
	f.rekey("", "older")
	_, err = f.factors.Enrol(t.Context(), f.in(t, token))
	wantKind(t, "with an older key alone", err, fault.Internal)
}

// Malformed texts in the table are unreadable, and nothing worse.
func TestFactors_Malformed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	f.enrol(t, f.logIn(t, ann))
	good := f.stored(t, ann.ID, nil)
	for _, text := range []string{"", "x", "AAAA", strings.Repeat("A", 64), good[:63], good[:60] + "AAAA"} {
		f.stored(t, ann.ID, func(factor *auth.Factor) { factor.Key = text })
		if err := f.loginWith(t, ann, "000000"); !errors.Is(err, auth.ErrBadCode) {
			t.Errorf("%q: got %v", text, err)
		}
		f.wantReseal(t, 0, 1)
	}
}
