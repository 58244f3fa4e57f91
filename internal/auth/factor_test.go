package auth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/auth/totp"
	"roster/internal/fault"
	"roster/internal/secret"
)

// enrol gives an account a second factor.
func (f *fixture) enrol(t *testing.T, token auth.Token) (totp.Key, []secret.Text) {
	t.Helper()
	key, err := f.factors.Enrol(t.Context(), f.in(t, token))
	if err != nil {
		t.Fatal(err)
	}
	codes, err := f.factors.Activate(t.Context(), f.in(t, token), key.Code(f.Now()), home)
	if err != nil {
		t.Fatal(err)
	}
	f.Advance(time.Minute) // that code is used up
	return key, codes
}

// enterCode completes a login in an unknown browser.
func (f *fixture) enterCode(t *testing.T, token auth.Token, code string) (auth.Token, error) {
	t.Helper()
	login, err := f.sessions.EnterCode(t.Context(), auth.CodeRequest{Token: token, Code: code, Origin: home})
	return login.Token, err
}

// The password alone is not enough; a code works once, and so does a recovery code.
func TestLogIn_WithCode(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, recovery := f.enrol(t, f.logIn(t, a))
	code := key.Code(f.Now())
	half := f.logIn(t, a)
	if in := f.in(t, half); in.Actor().Authenticated() || in.Actor().Staff() {
		t.Errorf("without a code: got the actor %v", in.Actor().Name())
	}
	if _, err := f.enterCode(t, half, "000000"); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("a wrong code: got %v", err)
	}
	whole, err := f.enterCode(t, half, code)
	if err != nil || !f.in(t, whole).Actor().Staff() {
		t.Fatalf("the code: got %v", err)
	}
	f.wantOut(t, "the token of before", half)
	_, err = f.enterCode(t, whole, code)
	wantKind(t, "a code without a login", err, fault.Unauthenticated)
	if _, err := f.enterCode(t, f.logIn(t, a), code); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("the code once more: got %v", err)
	}
	if _, err := f.enterCode(t, f.logIn(t, a), recovery[3].Reveal()); err != nil {
		t.Errorf("a recovery code: got %v", err)
	}
	if _, err := f.enterCode(t, f.logIn(t, a), recovery[3].Reveal()); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("the recovery code once more: got %v", err)
	}
}

func TestLogIn_CodeTakesTooLong(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, _ := f.enrol(t, f.logIn(t, a))
	half := f.logIn(t, a)
	if err := f.sessions.Confirm(t.Context(), f.in(t, half), passwordOf("ann"), home); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the password once more: got %v, want no longer life", err)
	}
	f.Advance(10 * time.Minute)
	_, err := f.enterCode(t, half, key.Code(f.Now()))
	wantKind(t, "after ten minutes", err, fault.Unauthenticated)
}

// Codes are throttled with the passwords of the account.
func TestLogIn_CodesAreThrottled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	key, _ := f.enrol(t, f.logIn(t, a))
	half := f.logIn(t, a)
	for range 10 {
		if _, err := f.enterCode(t, half, "000000"); !errors.Is(err, auth.ErrBadCode) {
			t.Fatalf("got %v", err)
		}
	}
	_, err := f.enterCode(t, half, key.Code(f.Now()))
	wantKind(t, "the right code after ten wrong ones", err, fault.Throttled)
}

func TestFactors_NeedTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	_, err := f.factors.Activate(t.Context(), f.in(t, token), "000000", home)
	if !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("without a key: got %v", err)
	}
	f.enrol(t, token)
	_, err = f.factors.Enrol(t.Context(), f.in(t, token))
	wantKind(t, "another key", err, fault.Conflict)
	half := f.in(t, f.logIn(t, a))
	wantKind(t, "without a code", f.factors.Remove(t.Context(), half, home), fault.Unauthenticated)
	f.Advance(auth.ConfirmLife)
	wantKind(t, "long after the password", f.factors.Remove(t.Context(), f.in(t, token), home), fault.Denied)
	in := f.in(t, token)
	if err := f.sessions.Confirm(t.Context(), in, passwordOf("ann"), home); err != nil {
		t.Fatal(err)
	}
	if err := f.factors.Remove(t.Context(), f.in(t, token), home); err != nil {
		t.Fatal(err)
	}
	if login, err := f.tryLogIn(t, "ann", passwordOf("ann"), home.Address); err != nil || login.NeedsCode {
		t.Errorf("then: got %+v, %v, want no code asked for", login, err)
	}
	second := []bool{}
	for _, row := range f.trail(t) {
		for _, c := range row.Changes {
			if c.Field == "second_factor" {
				second = append(second, c.New == true)
			}
		}
	}
	if len(second) != 2 || !second[0] || second[1] {
		t.Errorf("the trail has %v, want an addition and a removal", second)
	}
}

func TestFactors_Reset(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	f.enrol(t, f.logIn(t, a))
	for _, want := range []bool{true, false} {
		if had, err := f.factors.Reset(t.Context(), system, a.ID); err != nil || had != want {
			t.Fatalf("got %v, %v, want %v", had, err, want)
		}
	}
	if login, err := f.tryLogIn(t, "ann", passwordOf("ann"), home.Address); err != nil || login.NeedsCode {
		t.Errorf("got %+v, %v, want no code asked for", login, err)
	}
	_, err := f.factors.Reset(t.Context(), system, 99)
	wantKind(t, "of an unknown account", err, fault.NotFound)
}

// An owner renews the recovery codes, of an app and of passkeys: the new ones
// work, the old ones do not, and the owner is notified.
func TestFactors_RenewCodes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann, bob := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	annToken, bobToken := f.logIn(t, ann), f.logIn(t, bob)
	_, err := f.factors.RenewCodes(t.Context(), f.in(t, annToken), home)
	wantKind(t, "without a factor", err, fault.Conflict)
	_, annCodes := f.enrol(t, annToken)
	_, bobCodes := f.addPasskey(t, bobToken, "Laptop")
	for _, tt := range []struct {
		account auth.Account
		token   auth.Token
		old     []secret.Text
	}{{ann, annToken, annCodes}, {bob, bobToken, bobCodes}} {
		if err := f.loginWith(t, tt.account, tt.old[0].Reveal()); err != nil {
			t.Fatal(err)
		}
		codes, err := f.factors.RenewCodes(t.Context(), f.in(t, tt.token), home)
		if err != nil || len(codes) != 10 {
			t.Fatalf("got %d codes, %v", len(codes), err)
		}
		rows := f.trail(t)
		last := rows[len(rows)-1].Entry
		if got := fmt.Sprint(last.Changes, auth.Notices(last)[0].Event); got != "[{recovery_codes 9 10}]recovery_codes_renewed" {
			t.Errorf("the trail has %s", got)
		}
		if err := f.loginWith(t, tt.account, tt.old[1].Reveal()); !errors.Is(err, auth.ErrBadCode) {
			t.Errorf("an old code: got %v", err)
		}
		if err := f.loginWith(t, tt.account, codes[1].Reveal()); err != nil {
			t.Errorf("a new code: got %v", err)
		}
		if state, err := f.factors.State(t.Context(), f.as(t, tt.account), tt.account.ID); err != nil || state.Codes != 9 {
			t.Errorf("got %+v, %v, want 9 codes", state, err)
		}
	}
	_, err = f.factors.State(t.Context(), f.as(t, ann), bob.ID)
	wantKind(t, "those of another", err, fault.Denied)
	_, err = f.factors.RenewCodes(t.Context(), f.in(t, f.logIn(t, ann)), home)
	wantKind(t, "without a code", err, fault.Unauthenticated)
	f.Advance(auth.ConfirmLife)
	_, err = f.factors.RenewCodes(t.Context(), f.in(t, annToken), home)
	wantKind(t, "long after the password", err, fault.Denied)
}

// Where a second factor is required, staff may do nothing but get one.
func TestFactors_Required(t *testing.T) {
	t.Parallel()
	f := newFixtureOf(t, password.Weak, true)
	boss := named("boss")
	boss.IsSuperuser = ptr(true)
	token := f.logIn(t, f.create(t, boss, true))
	if in := f.in(t, token); !in.MustEnrol || in.Actor().Authenticated() || in.Actor().HoldsAll() {
		t.Errorf("got %+v", in)
	}
	f.enrol(t, token)
	if in := f.in(t, token); in.MustEnrol || !in.Actor().HoldsAll() {
		t.Errorf("with one: got %+v", in)
	}
}
