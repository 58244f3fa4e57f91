package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/passkey"
	"roster/internal/auth/passkeytest"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

var passkeySite = passkey.Site{ID: "example.com", Origin: "https://example.com"}

// addPasskey registers a new authenticator with the account of a session.
func (f *fixture) addPasskey(t *testing.T, token auth.Token, name string) (*passkeytest.Authenticator, []secret.Text) {
	t.Helper()
	a := passkeytest.New(t, passkeySite.Origin)
	a.Count = 1
	codes, err := f.tryAdd(t, token, a, name)
	if err != nil {
		t.Fatal(err)
	}
	return a, codes
}

func (f *fixture) tryAdd(t *testing.T, token auth.Token, a *passkeytest.Authenticator, name string) ([]secret.Text, error) {
	t.Helper()
	offer, err := f.passkeys.OfferNew(t.Context(), f.in(t, token), passkeySite)
	if err != nil {
		return nil, err
	}
	return f.passkeys.Add(t.Context(), f.in(t, token), auth.NewPasskey{
		PasskeyAnswer: auth.PasskeyAnswer{Site: passkeySite, Challenge: offer.Challenge, Credential: a.Create(t, offer.Options)}, Name: name, Origin: home,
	})
}

// logInByKey logs in with a passkey alone.
func (f *fixture) logInByKey(t *testing.T, a *passkeytest.Authenticator) (auth.Token, error) {
	t.Helper()
	login, err := f.passkeys.LogIn(t.Context(), f.answerLogin(t, a))
	return login.Token, err
}

// answerLogin is the answer to an offer to the browser "b".
func (f *fixture) answerLogin(t *testing.T, a *passkeytest.Authenticator) auth.PasskeyLogin {
	t.Helper()
	offer, err := f.passkeys.OfferLogin(passkeySite, "b")
	if err != nil {
		t.Fatal(err)
	}
	return auth.PasskeyLogin{PasskeyAnswer: auth.PasskeyAnswer{Site: passkeySite, Challenge: offer.Challenge, Credential: a.Get(t, offer.Options)}, Browser: "b", Origin: home}
}

// enterPasskey completes a login with a passkey.
func (f *fixture) enterPasskey(t *testing.T, half auth.Token, a *passkeytest.Authenticator) (auth.Token, error) {
	t.Helper()
	login, err := f.passkeys.EnterPasskey(t.Context(), f.answerOwn(t, half, a, false))
	return login.Token, err
}

func (f *fixture) answerOwn(t *testing.T, token auth.Token, a *passkeytest.Authenticator, verify bool) auth.PasskeyLogin {
	t.Helper()
	offer, err := f.passkeys.OfferOwn(t.Context(), f.in(t, token), passkeySite, verify)
	if err != nil || offer.Options == "" {
		t.Fatalf("got %+v, %v", offer, err)
	}
	return auth.PasskeyLogin{PasskeyAnswer: auth.PasskeyAnswer{Site: passkeySite, Challenge: offer.Challenge, Credential: a.Get(t, offer.Options)}, Token: token, Origin: home}
}

// passkeyTrail lists the entries about passkeys, oldest first.
func (f *fixture) passkeyTrail(t *testing.T) (list []string) {
	t.Helper()
	for _, row := range f.trail(t) {
		for _, c := range row.Changes {
			if strings.Contains(c.Field, "passkey") {
				list = append(list, fmt.Sprintf("%s %s: %v, %v", row.Action, c.Field, c.Old, c.New))
			}
		}
	}
	return list
}

// The password alone is not enough; a passkey or a recovery code completes it.
func TestPasskeys_SecondFactor(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	key, codes := f.addPasskey(t, token, " Laptop ")
	if len(codes) != 10 || !f.in(t, token).HasFactor || f.in(t, token).HasApp {
		t.Errorf("got %d recovery codes and %+v", len(codes), f.in(t, token))
	}
	half := f.logIn(t, a)
	if f.in(t, half).Actor().Authenticated() {
		t.Error("got an actor without the passkey")
	}
	if _, err := f.enterCode(t, half, "000000"); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("a wrong code: got %v", err)
	}
	key.Verified = false // the password has verified the owner
	whole, err := f.enterPasskey(t, half, key)
	if err != nil || !f.in(t, whole).Actor().Staff() {
		t.Fatalf("the passkey: got %v", err)
	}
	f.wantOut(t, "the token of before", half)
	if _, err := f.enterCode(t, f.logIn(t, a), codes[4].Reveal()); err != nil {
		t.Errorf("a recovery code: got %v", err)
	}
	if _, err := f.enterCode(t, f.logIn(t, a), codes[4].Reveal()); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("the recovery code once more: got %v", err)
	}
	own, err := f.passkeys.ListOwn(t.Context(), f.in(t, whole))
	if err != nil || len(own) != 1 || own[0].Name != "Laptop" || own[0].UsedAt.IsZero() || own[0].Credential.SignCount != 2 {
		t.Errorf("got %+v, %v", own, err)
	}
	if got, want := f.passkeyTrail(t), []string{"update passkey: <nil>, Laptop", "login passkey: <nil>, Laptop"}; !slices.Equal(got, want) {
		t.Errorf("got the trail %q, want %q", got, want)
	}
}

// The passkey of one account is no factor of another.
func TestPasskeys_OfAnother(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann, bob := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	f.addPasskey(t, f.logIn(t, ann), "")
	bobsToken := f.logIn(t, bob)
	bobs, _ := f.addPasskey(t, bobsToken, "")
	if _, err := f.enterPasskey(t, f.logIn(t, ann), bobs); !errors.Is(err, auth.ErrBadPasskey) {
		t.Errorf("after ann's password: got %v", err)
	}
	wantKind(t, "ann's, removed by bob", f.passkeys.Remove(t.Context(), f.in(t, bobsToken), 1, waysIn, home), fault.NotFound)
	wantKind(t, "ann's, renamed by bob", f.passkeys.Rename(t.Context(), f.in(t, bobsToken), 1, "x", home), fault.NotFound)
	if _, err := f.tryAdd(t, bobsToken, bobs, ""); fault.KindOf(err) != fault.Conflict {
		t.Errorf("registered twice: got %v", err)
	}
	half := f.logIn(t, ann)
	r := f.answerOwn(t, half, bobs, false)
	r.Token = f.logIn(t, ann)
	if _, err := f.passkeys.EnterPasskey(t.Context(), r); err == nil || !strings.Contains(err.Error(), "took too long") {
		t.Errorf("in another session: got %v", err)
	}
}

// Factors come with recovery codes, which go with the last factor.
func TestPasskeys_WithApp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	key, codes := f.addPasskey(t, token, "")
	if _, err := f.factors.Enrol(t.Context(), f.in(t, token)); err != nil {
		t.Fatal(err)
	}
	app, more := f.enrol(t, token) // after a first try that came to nothing
	if len(more) != 0 || !f.in(t, token).HasApp {
		t.Errorf("got %d more recovery codes", len(more))
	}
	if _, err := f.enterCode(t, f.logIn(t, a), app.Code(f.Now())); err != nil {
		t.Errorf("the app: got %v", err)
	}
	if err := f.factors.Remove(t.Context(), f.in(t, token), home); err != nil {
		t.Fatal(err)
	}
	f.Advance(time.Minute)
	if _, err := f.enterCode(t, f.logIn(t, a), app.Code(f.Now())); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("the removed app: got %v", err)
	}
	if _, err := f.enterCode(t, f.logIn(t, a), codes[0].Reveal()); err != nil {
		t.Errorf("a recovery code without the app: got %v", err)
	}
	if resealed, unreadable, err := f.factors.Reseal(t.Context()); resealed != 0 || unreadable != 0 || err != nil {
		t.Errorf("sealing keys again: got %d, %d, %v", resealed, unreadable, err)
	}
	if err := f.passkeys.Remove(t.Context(), f.in(t, token), 1, waysIn, home); err != nil {
		t.Fatal(err)
	}
	if login, err := f.tryLogIn(t, "ann", passwordOf("ann"), home.Address); err != nil || login.NeedsCode {
		t.Errorf("without factors: got %+v, %v", login, err)
	}
	if _, err := f.logInByKey(t, key); !errors.Is(err, auth.ErrBadPasskey) {
		t.Errorf("the removed passkey: got %v", err)
	}
	if _, codes = f.addPasskey(t, token, ""); len(codes) != 10 {
		t.Errorf("got %d recovery codes with a new first factor", len(codes))
	}
}

// A key that no code has confirmed is no factor beside a passkey.
func TestPasskeys_UnconfirmedApp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	f.addPasskey(t, token, "")
	app, err := f.factors.Enrol(t.Context(), f.in(t, token))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.enterCode(t, f.logIn(t, a), app.Code(f.Now())); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("got %v", err)
	}
}

func TestPasskeys_NeedTheSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	key, _ := f.addPasskey(t, token, "One")
	half := f.in(t, f.logIn(t, a))
	_, err := f.passkeys.OfferNew(t.Context(), half, passkeySite)
	wantKind(t, "another one without the first", err, fault.Unauthenticated)
	_, err = f.passkeys.ListOwn(t.Context(), half)
	wantKind(t, "the list", err, fault.Unauthenticated)
	wantKind(t, "a removal", f.passkeys.Remove(t.Context(), half, 1, waysIn, home), fault.Unauthenticated)
	wantKind(t, "a confirmation", f.passkeys.Confirm(t.Context(), half, auth.PasskeyAnswer{}, home), fault.Unauthenticated)
	f.Advance(auth.ConfirmLife)
	wantKind(t, "long after the password", f.passkeys.Remove(t.Context(), f.in(t, token), 1, waysIn, home), fault.Denied)

	r := f.answerOwn(t, token, key, true)
	if err := f.passkeys.Confirm(t.Context(), f.in(t, token), r.PasskeyAnswer, home); err != nil {
		t.Fatalf("the passkey instead of the password: got %v", err)
	}
	if err := f.passkeys.Rename(t.Context(), f.in(t, token), 1, "Two", home); err != nil {
		t.Errorf("then: got %v", err)
	}
	key.Verified = false
	wantKind(t, "without a PIN", f.passkeys.Confirm(t.Context(), f.in(t, token), f.answerOwn(t, token, key, true).PasskeyAnswer, home), fault.Invalid)
	for _, name := range []string{strings.Repeat("x", 101), "a\x00b", "\xff"} {
		wantKind(t, "a bad name", f.passkeys.Rename(t.Context(), f.in(t, token), 1, name, home), fault.Invalid)
	}
	if got, want := f.passkeyTrail(t), []string{"update passkey: <nil>, One", "update passkey: One, Two"}; !slices.Equal(got, want) {
		t.Errorf("got the trail %q, want %q", got, want)
	}
}

func TestPasskeys_AtMostTwenty(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	token := f.logIn(t, f.create(t, named("ann"), true))
	for range auth.MaxPasskeys {
		f.addPasskey(t, token, "")
	}
	_, err := f.tryAdd(t, token, passkeytest.New(t, passkeySite.Origin), "")
	wantKind(t, "one more", err, fault.Conflict)
}

func TestPasskeys_Required(t *testing.T) {
	t.Parallel()
	f := newFixtureOf(t, password.Weak, true)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	if !f.in(t, token).MustEnrol {
		t.Error("got no second factor required")
	}
	f.addPasskey(t, token, "")
	if in := f.in(t, token); in.MustEnrol || !in.Actor().Staff() {
		t.Errorf("with a passkey: got %+v", in)
	}
	for _, want := range []bool{true, false} {
		if had, err := f.factors.Reset(t.Context(), system.From(access.Origin{}), a.ID); err != nil || had != want {
			t.Errorf("got %v, %v, want %v", had, err, want)
		}
	}
	if !f.in(t, token).MustEnrol {
		t.Error("got no second factor required after a reset")
	}
}
