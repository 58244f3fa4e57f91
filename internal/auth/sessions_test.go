package auth_test

import (
	"errors"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
)

// A session ends half an hour after its last use, and twelve hours after the
// login however much it is used.
func TestSessions_End(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	idle, used := f.logIn(t, a), f.logIn(t, a)
	f.Advance(auth.SessionIdle - time.Microsecond)
	f.in(t, used)
	f.Advance(time.Microsecond)
	f.wantOut(t, "unused for half an hour", idle)
	for n := range 23 {
		if _, err := f.sessions.Authenticate(t.Context(), used); err != nil {
			t.Fatalf("used for the %dth time: %v", n, err)
		}
		f.Advance(auth.SessionIdle - time.Second)
	}
	if in := f.in(t, used); !in.Session.EndsAt.Equal(in.Session.CreatedAt.Add(auth.SessionLife)) {
		t.Errorf("got the end %v, want twelve hours after %v", in.Session.EndsAt, in.Session.CreatedAt)
	}
	f.Advance(minute)
	f.wantOut(t, "after twelve hours", used)
}

// What is taken from an account is gone with the next request.
func TestSessions_WorkAtOnce(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(*fixture, auth.Account) error{
		"deactivated": func(f *fixture, a auth.Account) error {
			_, err := f.accounts.Update(t.Context(), system, a.ID, auth.AccountChange{IsActive: ptr(false)})
			return err
		},
		"no longer staff": func(f *fixture, a auth.Account) error {
			_, err := f.accounts.Update(t.Context(), system, a.ID, auth.AccountChange{IsStaff: ptr(false)})
			return err
		},
		"deleted": func(f *fixture, a auth.Account) error { return f.accounts.Delete(t.Context(), system, a.ID) },
		"another password": func(f *fixture, a auth.Account) error {
			return f.accounts.SetPassword(t.Context(), system, a.ID, auth.NewPassword{Text: secret.New("another-Horse-77")}, 0)
		},
		"another password by Django": func(f *fixture, a auth.Account) error {
			return f.db.InAuthTx(t.Context(), func(tx auth.Tx) error {
				a.Password = secret.New("pbkdf2_sha256$1$x$y")
				return tx.UpdateAccount(a)
			})
		},
		"revoked": func(f *fixture, a auth.Account) error {
			_, err := f.sessions.Revoke(t.Context(), system, a.ID, auth.SessionChoice{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			a := f.create(t, named("ann"), true)
			token := f.logIn(t, a)
			f.in(t, token)
			if err := take(f, a); err != nil {
				t.Fatal(err)
			}
			f.wantOut(t, name, token)
		})
	}
}

func TestSessions_PermissionsAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	for _, p := range [][]access.Permission{{access.ViewUser}, {}} {
		if _, err := f.accounts.Update(t.Context(), system, a.ID, auth.AccountChange{Permissions: &p}); err != nil {
			t.Fatal(err)
		}
		if got := f.in(t, token).Actor().Can(access.ViewUser); got != (len(p) > 0) {
			t.Errorf("with %v: can view users: %v", p, got)
		}
	}
}

func TestSessions_LogOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	here, there := f.logIn(t, a), f.logIn(t, a)
	for _, token := range []auth.Token{here, here, auth.NewToken(), {}} {
		if err := f.sessions.LogOut(t.Context(), token, home); err != nil {
			t.Fatal(err)
		}
	}
	f.wantOut(t, "logged out", here)
	f.in(t, there)
	f.wantDeeds(t, a.Object(), audit.Create, audit.Login, audit.Login, audit.Logout)
}

func TestSessions_ListAndRevoke(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a, b := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
	first := f.logIn(t, a)
	f.Advance(minute)
	second, other := f.logIn(t, a), f.logIn(t, b)
	actor := f.in(t, second).Actor()
	list, err := f.sessions.List(t.Context(), actor, a.ID)
	if err != nil || len(list) != 2 || list[0].ID != f.in(t, second).Session.ID {
		t.Fatalf("got %+v, %v, want the second and the first", list, err)
	}
	_, err = f.sessions.List(t.Context(), actor, b.ID)
	wantKind(t, "those of another", err, fault.Denied)
	_, err = f.sessions.List(t.Context(), access.Actor{}, 0)
	wantKind(t, "unknown", err, fault.Unauthenticated)
	for want, which := range map[int64]auth.SessionChoice{0: {Only: f.in(t, other).Session.ID}, 1: {Except: list[0].ID}} {
		if n, err := f.sessions.Revoke(t.Context(), actor, a.ID, which); err != nil || n != want {
			t.Errorf("%+v: got %d, %v, want %d", which, n, err, want)
		}
	}
	f.wantOut(t, "revoked", first)
	f.in(t, second)
	f.in(t, other)
	f.wantDeeds(t, a.Object(), audit.Create, audit.Login, audit.Login, audit.Logout)
}

func TestSessions_Confirm(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	token := f.logIn(t, a)
	f.Advance(auth.ConfirmLife)
	in := f.in(t, token)
	if in.Confirmed(f.Now()) {
		t.Error("confirmed ten minutes after the login")
	}
	if err := f.sessions.Confirm(t.Context(), in, secret.New("wrong"), home); !errors.Is(err, auth.ErrBadLogin) {
		t.Errorf("a wrong password: got %v", err)
	}
	if f.in(t, token).Confirmed(f.Now()) {
		t.Error("confirmed by a wrong password")
	}
	if err := f.sessions.Confirm(t.Context(), in, passwordOf("ann"), home); err != nil || !f.in(t, token).Confirmed(f.Now()) {
		t.Errorf("got %v, want it confirmed", err)
	}
}
