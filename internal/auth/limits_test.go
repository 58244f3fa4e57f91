package auth_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
)

// A session, a login without its code, a confirmation and a link to unlock end
// after exactly the time that the documentation says.
func TestLimits_Times(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann, bob := f.create(t, mailed("ann"), true), f.create(t, named("bob"), true)
	key, _ := f.enrol(t, f.logIn(t, bob))
	for name, c := range map[string]struct {
		life  time.Duration
		begin func() (valid func() error)
	}{
		"idle session": {30 * time.Minute, func() func() error {
			token := f.logIn(t, ann)
			return func() error { _, err := f.sessions.Authenticate(t.Context(), token); return err }
		}},
		"session in use": {12 * time.Hour, func() func() error {
			token := f.logIn(t, ann)
			for range 24 {
				f.Advance(29 * time.Minute)
				f.in(t, token)
			}
			f.Advance(-24 * 29 * time.Minute)
			return func() error { _, err := f.sessions.Authenticate(t.Context(), token); return err }
		}},
		"confirmation": {10 * time.Minute, func() func() error {
			in := f.in(t, f.logIn(t, ann))
			return func() error {
				if !in.Confirmed(f.Now()) {
					return fault.New(fault.Denied, "not confirmed")
				}
				return nil
			}
		}},
		"login without a code": {10 * time.Minute, func() func() error {
			token := f.logIn(t, bob)
			return func() error { _, err := f.enterCode(t, token, key.Code(f.Now())); return err }
		}},
		"link to unlock": {time.Hour, func() func() error {
			mail, err := f.sessions.RequestUnlock(t.Context(), "ann", home)
			if err != nil || mail.Token == "" {
				t.Fatalf("got %+v, %v", mail, err)
			}
			return func() error { _, err := f.sessions.UnlockBy(t.Context(), mail.Token, "", home); return err }
		}},
	} {
		for _, after := range []time.Duration{-time.Second, 0, time.Second} {
			valid := c.begin()
			f.Advance(c.life + after)
			if err := valid(); (err == nil) != (after < 0) {
				t.Errorf("%s, %v%+v: got %v", name, c.life, after, err)
			}
			f.Advance(24 * time.Hour) // no limit of a rate matters
		}
	}
}

// What a session records: activity once a minute, and the first 255 bytes of the
// browser's name.
func TestLimits_Records(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), true)
	token, begin := f.logIn(t, ann), f.Now()
	for _, c := range []struct{ after, seen time.Duration }{{59 * time.Second, 0}, {60 * time.Second, 60 * time.Second}, {119 * time.Second, 60 * time.Second}} {
		f.Advance(begin.Add(c.after).Sub(f.Now()))
		f.in(t, token)
		if got := f.in(t, token).Session.SeenAt.Sub(begin); got != c.seen {
			t.Errorf("after %v: got activity after %v, want %v", c.after, got, c.seen)
		}
	}
	for given, want := range map[int]int{254: 254, 255: 255, 256: 255} {
		login, err := f.sessions.LogIn(t.Context(), auth.LoginRequest{
			Username: "ann", Password: passwordOf("ann"), Origin: home, UserAgent: strings.Repeat("x", given),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(f.in(t, login.Token).Session.UserAgent); got != want {
			t.Errorf("a browser's name of %d bytes: got %d, want %d", given, got, want)
		}
	}
}

// API tokens have limits of their name, life, overlap and number.
func TestLimits_Tokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), false)
	tokens := auth.NewAPITokens(f.db, f.Now, slog.New(slog.DiscardHandler))
	create := func(n auth.NewAPIToken) (auth.APIToken, error) {
		made, _, err := tokens.Create(t.Context(), system, ann.ID, n)
		return made, err
	}
	const day = 24 * time.Hour
	made := 0
	for i, n := range []auth.NewAPIToken{
		{Name: "x", Life: 0}, {Name: "x", Life: 1}, {Name: "x", Life: 3650 * day}, {Name: strings.Repeat("é", 99)}, {Name: strings.Repeat("é", 100)},
		{Name: "x", Life: -1}, {Name: "x", Life: 3650*day + 1}, {Name: strings.Repeat("é", 101)}, {Name: " "},
	} {
		_, err := create(n)
		if want := i < 5; want != (err == nil) || !want && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d: got %v", i, err)
		}
		if err == nil {
			made++
		}
	}
	first, err := create(auth.NewAPIToken{Name: "first"})
	if err != nil {
		t.Fatal(err)
	}
	for made++; made < 98; made++ {
		if _, err := create(auth.NewAPIToken{Name: fmt.Sprint("token ", made)}); err != nil {
			t.Fatal(err)
		}
	}
	for overlap, want := range map[time.Duration]fault.Kind{-1: fault.Invalid, 168*time.Hour + 1: fault.Invalid} {
		_, _, err := tokens.Rotate(t.Context(), system, first.ID, overlap)
		wantKind(t, fmt.Sprint("an overlap of ", overlap), err, want)
	}
	for _, overlap := range []time.Duration{0, 168 * time.Hour} {
		if _, _, err := tokens.Rotate(t.Context(), system, first.ID, overlap); err != nil {
			t.Errorf("an overlap of %v: %v", overlap, err)
		}
	}
	_, err = create(auth.NewAPIToken{Name: "the 101st"})
	wantKind(t, "the 101st token", err, fault.Conflict)
}

// A token is valid until it expires, and each of its scopes alone limits it.
func TestLimits_TokenExpires(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ann := f.create(t, named("ann"), false)
	for _, after := range []time.Duration{-time.Second, 0, time.Second} {
		tokens := auth.NewAPITokens(f.db, f.Now, slog.New(slog.DiscardHandler))
		_, text, err := tokens.Create(t.Context(), system, ann.ID, auth.NewAPIToken{Name: "x", Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		f.Advance(time.Hour + after)
		_, err = tokens.Authenticate(t.Context(), text.Reveal(), access.Origin{})
		if want := after < 0; want != (err == nil) || !want && fault.KindOf(err) != fault.BadCredential {
			t.Errorf("an hour%+v later: got %v", after, err)
		}
	}
}
