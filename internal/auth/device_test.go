package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

// visitor is a browser that keeps what makes it known.
type visitor struct {
	*fixture
	t       *testing.T
	address string
	device  string
}

func (f *fixture) visitor(t *testing.T, address string) *visitor {
	t.Helper()
	return &visitor{f, t, address, ""}
}

func (v *visitor) logIn(username string, pw secret.Text) (auth.Login, error) {
	v.t.Helper()
	login, err := v.sessions.LogIn(v.t.Context(), auth.LoginRequest{
		Username: username, Password: pw, Origin: access.Origin{Address: v.address}, Device: v.device,
	})
	if login.Device != "" {
		v.device = login.Device
	}
	return login, err
}

func (v *visitor) enterCode(token auth.Token, code string) error {
	v.t.Helper()
	login, err := v.sessions.EnterCode(v.t.Context(), auth.CodeRequest{Token: token, Code: code, Origin: access.Origin{Address: v.address}, Device: v.device})
	if login.Device != "" {
		v.device = login.Device
	}
	return err
}

// guess enters wrong passwords until the throttle refuses, and returns how many
// were verified.
func (v *visitor) guess(username string) (verified int) {
	v.t.Helper()
	for ; verified < 200; verified++ {
		_, err := v.logIn(username, secret.New("wrong"))
		if fault.KindOf(err) == fault.Throttled {
			if wait := fault.RetryAfter(err); wait <= 0 || wait > 5*minute {
				v.t.Errorf("got the wait %v, want five minutes at most", wait)
			}
			return verified
		}
		if !errors.Is(err, auth.ErrBadLogin) {
			v.t.Fatalf("got %v", err)
		}
	}
	return verified
}

// guessFor guesses until no window brings new guesses.
func (v *visitor) guessFor(username string) (verified int) {
	v.t.Helper()
	for range 30 {
		n := v.guess(username)
		if verified += n; n == 0 {
			return verified
		}
		v.Advance(5 * minute)
	}
	v.t.Errorf("%s: no end after %d guesses", username, verified)
	return verified
}

// Wrong passwords of strangers keep neither a known browser nor an open session
// out, and those of one session keep out no other.
func TestLogIn_StrangersLockOutNoOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	home, away, stranger := f.visitor(t, "192.0.2.1"), f.visitor(t, "192.0.2.2"), f.visitor(t, "198.51.100.1")
	first, err := home.logIn("ann", passwordOf("ann"))
	if err != nil || home.device == "" {
		t.Fatalf("got %+v, %v, want a known browser", first, err)
	}
	if n := stranger.guess("ann"); n != 10 {
		t.Errorf("the stranger got %d guesses, want 10", n)
	}
	if _, err := away.logIn("ann", passwordOf("ann")); fault.KindOf(err) != fault.Throttled {
		t.Errorf("an unknown browser: got %v, want it throttled", err)
	}
	if _, err := home.logIn("ann", passwordOf("ann")); err != nil {
		t.Errorf("the known browser: %v", err)
	}
	in := f.in(t, first.Token)
	from := access.Origin{Address: "198.51.100.1"}
	if err := f.sessions.Confirm(t.Context(), in, passwordOf("ann"), from); err != nil {
		t.Errorf("the open session: %v", err)
	}
	for range 10 {
		if err := f.sessions.Confirm(t.Context(), in, secret.New("wrong"), from); !errors.Is(err, auth.ErrBadLogin) {
			t.Fatalf("a wrong password in the session: got %v", err)
		}
	}
	wantKind(t, "the 11th in the session", f.sessions.Confirm(t.Context(), in, passwordOf("ann"), from), fault.Throttled)
	second, err := home.logIn("ann", passwordOf("ann"))
	if err != nil {
		t.Fatalf("the known browser then: %v", err)
	}
	if err := f.sessions.Confirm(t.Context(), f.in(t, second.Token), passwordOf("ann"), from); err != nil {
		t.Errorf("another session: %v", err)
	}
	if n := home.guess("ann"); n != 10 {
		t.Errorf("the known browser got %d guesses, want 10", n)
	}
	if _, err := home.logIn("bob", secret.New("x")); !errors.Is(err, auth.ErrBadLogin) {
		t.Errorf("the known browser, at another account: got %v", err)
	}
	_ = ann
}

// However long they guess, strangers get 90 guesses, and known browsers and
// sessions the rest of 100; then an administrator, or a new password, helps.
func TestLogIn_GuessesEnd(t *testing.T) {
	t.Parallel()
	for name, lift := range map[string]func(*fixture, auth.Account) error{
		"unlocked by an administrator": func(f *fixture, a auth.Account) error { return f.sessions.Unlock(t.Context(), system, a.ID) },
		"a new password": func(f *fixture, a auth.Account) error {
			return f.accounts.SetPassword(t.Context(), system, a.ID, auth.NewPassword{Text: passwordOf("ann")}, 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			ann := f.create(t, named("ann"), true)
			home, stranger := f.visitor(t, "192.0.2.1"), f.visitor(t, "198.51.100.1")
			if _, err := home.logIn("ann", passwordOf("ann")); err != nil {
				t.Fatal(err)
			}
			if n := stranger.guessFor("ann"); n != 90 {
				t.Errorf("strangers got %d guesses, want 90", n)
			}
			if n := home.guessFor("ann"); n != 10 {
				t.Errorf("known browsers got %d guesses, want 10", n)
			}
			f.Advance(30 * 24 * time.Hour)
			for _, v := range []*visitor{home, stranger} {
				_, err := v.logIn("ann", passwordOf("ann"))
				wantKind(t, "a month later", err, fault.Throttled)
			}
			if state, err := f.sessions.LoginState(t.Context(), system, ann); err != nil || state.Failed != 100 || !state.Locked {
				t.Errorf("got the state %+v, %v", state, err)
			}
			if err := lift(f, ann); err != nil {
				t.Fatal(err)
			}
			if state, err := f.sessions.LoginState(t.Context(), system, ann); err != nil || state.Failed != 0 || state.Locked {
				t.Errorf("then: got the state %+v, %v", state, err)
			}
			if _, err := stranger.logIn("ann", passwordOf("ann")); err != nil {
				t.Errorf("then: got %v", err)
			}
		})
	}
}

// A login from a known browser gives strangers new guesses; the password alone,
// before the code, does not, and codes count like passwords.
func TestLogIn_SuccessResets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	key, _ := f.enrol(t, f.logIn(t, ann))
	home, thief := f.visitor(t, "192.0.2.1"), f.visitor(t, "198.51.100.1")
	enter := func(v *visitor) error {
		login, err := v.logIn("ann", passwordOf("ann"))
		if err != nil {
			return err
		}
		f.Advance(minute)
		return v.enterCode(login.Token, key.Code(f.Now()))
	}
	if err := enter(home); err != nil {
		t.Fatal(err)
	}
	guesses := 0
	for range 12 { // who knows the password guesses the code
		login, err := thief.logIn("ann", passwordOf("ann"))
		for err == nil {
			if err = thief.enterCode(login.Token, "000000"); errors.Is(err, auth.ErrBadCode) {
				guesses, err = guesses+1, nil
			}
		}
		wantKind(t, "the guess of a code", err, fault.Throttled)
		f.Advance(5 * minute)
	}
	if guesses != 90 {
		t.Errorf("got %d guesses of the code, want 90", guesses)
	}
	if err := enter(home); err != nil {
		t.Errorf("the owner: %v", err)
	}
	if n := thief.guess("ann"); n != 10 {
		t.Errorf("after the owner's login: got %d guesses, want 10", n)
	}
}

// Names without an account are refused like those of accounts, by a bounded
// number of counters.
func TestLogIn_UnknownNamesEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if n := f.visitor(t, "198.51.100.1").guessFor("stranger.here"); n != 90 {
		t.Errorf("got %d guesses, want 90", n)
	}
	throttle, c := newThrottle()
	keys := map[string]bool{}
	for i := range 5000 {
		for _, u := range throttle.Uses(at(fmt.Sprint("name", i), "192.0.2.1")) {
			if u.Rate.Limit == 90 {
				keys[u.Key] = true
			}
		}
	}
	if len(keys) > 1024 {
		t.Errorf("got %d counters, want 1024 at most", len(keys))
	}
	_ = c
}

// The text of a browser is worth something only as it was made, for its account,
// its password and its time.
func TestDevice_Refused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("ann"), true)
	bob := f.create(t, named("bob"), true)
	home := f.visitor(t, "192.0.2.1")
	if _, err := home.logIn("ann", passwordOf("ann")); err != nil {
		t.Fatal(err)
	}
	good := home.device
	f.visitor(t, "198.51.100.1").guess("ann")
	parts := strings.Split(good, ".")
	for name, text := range map[string]string{
		"none": "", "garbage": "x", "four parts": "a.b.c.d", "separators": "~~~...", "long": strings.Repeat(good+"~", 20),
		"another account": fmt.Sprintf("%d.%s.%s.%s", bob.ID, parts[1], parts[2], parts[3]),
		"a later end":     fmt.Sprintf("%s.9%s.%s.%s", parts[0], parts[1], parts[2], parts[3]),
		"another id":      fmt.Sprintf("%s.%s.x%s.%s", parts[0], parts[1], parts[2], parts[3]),
		"no signature":    fmt.Sprintf("%s.%s.%s.", parts[0], parts[1], parts[2]),
	} {
		v := f.visitor(t, "192.0.2.9")
		v.device = text
		_, err := v.logIn("ann", passwordOf("ann"))
		wantKind(t, name, err, fault.Throttled)
	}
	f.sessions.Keys = auth.NewKeys("another secret", "a secret of the tests")
	if _, err := home.logIn("ann", passwordOf("ann")); err != nil {
		t.Errorf("after the key was changed: %v", err)
	}
	home.device = good
	f.sessions.Keys = auth.NewKeys("another secret")
	_, err := home.logIn("ann", passwordOf("ann"))
	wantKind(t, "without the older key", err, fault.Throttled)
	f.sessions.Keys = auth.Keys{}
	_, err = home.logIn("ann", passwordOf("ann"))
	wantKind(t, "without a key", err, fault.Throttled)
	f.sessions.Keys = auth.NewKeys("a secret of the tests")
	f.Advance(auth.DeviceLife)
	f.visitor(t, "198.51.100.1").guess("ann")
	_, err = home.logIn("ann", passwordOf("ann"))
	wantKind(t, "180 days later", err, fault.Throttled)
}

// A browser is known to five accounts, the latest ones, and to none of them once
// its password changed.
func TestDevice_SeveralAccounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	home := f.visitor(t, "192.0.2.1")
	var accounts []auth.Account
	for _, name := range []string{"ann", "bob", "cid", "dan", "eve", "fay"} {
		accounts = append(accounts, f.create(t, named(name), true))
		if _, err := home.logIn(name, passwordOf(name)); err != nil {
			t.Fatal(err)
		}
	}
	last := accounts[len(accounts)-1]
	if err := f.accounts.SetPassword(t.Context(), system, last.ID, auth.NewPassword{Text: passwordOf("fay")}, 0); err != nil {
		t.Fatal(err)
	}
	for i, a := range accounts {
		f.visitor(t, fmt.Sprintf("198.51.100.%d", i)).guess(a.Username)
		_, err := home.logIn(a.Username, passwordOf(a.Username))
		if known := i > 0 && a.ID != last.ID; known != (err == nil) {
			t.Errorf("%s: got %v, want known: %t", a.Username, err, known)
		}
	}
}
