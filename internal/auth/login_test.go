package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

func TestLogIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("zoë"), true)
	login, err := f.tryLogIn(t, " zoe\u0308", passwordOf("z"), "192.0.2.1")
	if err != nil || login.NeedsCode {
		t.Fatalf("got %+v, %v", login, err)
	}
	in := f.in(t, login.Token)
	if s := in.Session; s.Account != a.ID || s.Address != "192.0.2.1" || s.UserAgent != "Browser " || !s.EndsAt.Equal(f.Now().Add(auth.SessionIdle)) {
		t.Errorf("got the session %+v", s)
	}
	if in.Actor().ID() != a.ID || !in.Actor().Staff() || !in.Confirmed(f.Now()) || !in.Account.LastLogin.Equal(f.Now()) {
		t.Errorf("got %+v", in)
	}
	f.wantDeeds(t, a.Object(), audit.Create, audit.Login)
	if row := f.trail(t)[1]; row.Actor != "zoë" || row.ActorID != a.ID || row.Origin.Address != "192.0.2.1" {
		t.Errorf("got the entry %+v", row)
	}
}

// A rejected login gets the same error, whatever the reason.
func TestLogIn_Refused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("ann"), true)
	off, outsider := named("off"), named("visitor")
	off.IsActive, outsider.IsStaff = ptr(false), nil
	f.create(t, off, true)
	f.create(t, outsider, true)
	f.create(t, named("nopass"), false)
	for i, tt := range []struct {
		username string
		pw       secret.Text
	}{
		{"ann", secret.New("wrong")}, {"ann", secret.Text{}}, {"Ann", passwordOf("ann")}, {"stranger", passwordOf("ann")}, {"", passwordOf("ann")},
		{"off", passwordOf("off")}, {"visitor", passwordOf("visitor")}, {"nopass", secret.New("!")}, {"nopass", secret.Text{}},
	} {
		_, err := f.tryLogIn(t, tt.username, tt.pw, fmt.Sprintf("192.0.2.%d", i))
		if !errors.Is(err, auth.ErrBadLogin) {
			t.Errorf("%q: got %v, want ErrBadLogin", tt.username, err)
		}
	}
	failures := 0
	for _, row := range f.trail(t) {
		if row.Action == audit.LoginFailed {
			failures++
			if row.Actor != "anonymous" || strings.Contains(row.Object.Name, "stranger") {
				t.Errorf("got the entry %+v", row)
			}
		}
	}
	if failures != 9 {
		t.Errorf("%d failures in the trail, want 9", failures)
	}
}

// Failures cannot fill the trail, by whatever names.
func TestLogIn_UnknownNamesAreBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 100 {
		if _, err := f.db.Take(t.Context(), f.Now(), auth.Use{Key: "failures:0", Rate: auth.Rate{Limit: 100, Window: 60 * minute}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.tryLogIn(t, "stranger", secret.New("x"), "192.0.2.1"); !errors.Is(err, auth.ErrBadLogin) {
		t.Errorf("got %v", err)
	}
	if n := len(f.trail(t)); n != 0 {
		t.Errorf("%d entries in the trail, want none", n)
	}
}

// Of 60 wrong passwords at once for one account ten are looked at, although each
// comes from another address; others log in meanwhile.
func TestLogIn_Throttled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.create(t, named("boss"), true)
	ann := f.create(t, named("ann"), true)
	var wrong, throttled atomic.Int64
	var tries sync.WaitGroup
	for i := range 60 {
		tries.Go(func() {
			for {
				_, err := f.sessions.LogIn(t.Context(), auth.LoginRequest{
					Username: "boss", Password: secret.New("wrong"), Origin: access.Origin{Address: fmt.Sprintf("198.51.100.%d", i)},
				})
				switch fault.KindOf(err) {
				case fault.Unavailable: // too many at once: it did not count
					continue
				case fault.Throttled:
					throttled.Add(1)
				default:
					wrong.Add(1)
				}
				return
			}
		})
	}
	tries.Wait()
	if wrong.Load() != 10 || throttled.Load() != 50 {
		t.Errorf("%d were looked at and %d refused, want 10 and 50", wrong.Load(), throttled.Load())
	}
	_, err := f.tryLogIn(t, "boss", passwordOf("boss"), "192.0.2.1")
	if fault.KindOf(err) != fault.Throttled || fault.RetryAfter(err) != 5*minute {
		t.Errorf("the right password then: got %v, wait %v", err, fault.RetryAfter(err))
	}
	f.logIn(t, ann)
	f.Advance(5 * minute)
	if _, err := f.tryLogIn(t, "boss", passwordOf("boss"), "192.0.2.1"); err != nil {
		t.Errorf("five minutes later: %v", err)
	}
}

// Right passwords do not count.
func TestLogIn_SuccessesAreFree(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	for range 12 {
		f.logIn(t, a)
	}
}

// A hash of another algorithm is replaced, and the account's other sessions go on.
func TestLogIn_UpgradesTheHash(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	before := f.logIn(t, a)
	f.services(password.PBKDF2SHA256, false)
	after := f.logIn(t, a)
	f.in(t, before)
	if got := f.in(t, after).Account.Password.Reveal(); !strings.HasPrefix(got, "pbkdf2_sha256$600000$") {
		t.Errorf("got the hash %q", got)
	}
	f.logIn(t, a)
	f.wantDeeds(t, a.Object(), audit.Create, audit.Login, audit.Login, audit.Login)
}

// The session that the browser had is over once somebody else logs in with it.
func TestLogIn_EndsTheFormerSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a, b := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	former := f.logIn(t, a)
	login, err := f.sessions.LogIn(t.Context(), auth.LoginRequest{Username: "bob", Password: passwordOf("bob"), Origin: home, Former: former})
	if err != nil {
		t.Fatal(err)
	}
	f.wantOut(t, "the former session", former)
	if in := f.in(t, login.Token); in.Account.ID != b.ID {
		t.Errorf("got %+v", in)
	}
	f.wantDeeds(t, a.Object(), audit.Create, audit.Login, audit.Logout)
}
