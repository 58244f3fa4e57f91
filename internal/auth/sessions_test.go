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

// set changes an account in the table, as Django does.
func (f *fixture) set(t *testing.T, id int64, change func(*auth.Account)) {
	t.Helper()
	err := f.db.InAuthTx(t.Context(), func(tx auth.Tx) error {
		a, _, err := tx.FindAccount(id)
		if err != nil {
			return err
		}
		change(&a)
		return tx.UpdateAccount(a)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A session that its account has ended stays ended when the account changes
// back, whether Roster or Django changes it, and used in between or not.
func TestSessions_EndedForGood(t *testing.T) {
	t.Parallel()
	by := map[string]func(*fixture, int64, auth.AccountChange){
		"Roster": func(f *fixture, id int64, change auth.AccountChange) {
			if _, err := f.accounts.Update(t.Context(), system, id, change); err != nil {
				t.Error(err)
			}
		},
		"Django": func(f *fixture, id int64, change auth.AccountChange) {
			f.set(t, id, func(a *auth.Account) {
				if change.IsActive != nil {
					a.IsActive = *change.IsActive
				}
				if change.IsStaff != nil {
					a.IsStaff = *change.IsStaff
				}
			})
		},
	}
	for who, update := range by {
		for name, flag := range map[string]func(bool) auth.AccountChange{
			"deactivated":     func(is bool) auth.AccountChange { return auth.AccountChange{IsActive: &is} },
			"no longer staff": func(is bool) auth.AccountChange { return auth.AccountChange{IsStaff: &is} },
		} {
			f := newFixture(t)
			a, other := f.create(t, named("ann"), true), f.create(t, named("bob"), true)
			used, unused, others := f.logIn(t, a), f.logIn(t, a), f.logIn(t, other)
			update(f, a.ID, flag(false))
			f.wantOut(t, "then", used)
			if err := f.sessions.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
			update(f, a.ID, flag(true))
			f.wantOut(t, name+" by "+who+", used meanwhile", used)
			f.wantOut(t, name+" by "+who+", unused", unused)
			f.in(t, others)
			f.in(t, f.logIn(t, a))
		}
	}
}

// Without a sweep in between, a session that was refused once is gone.
func TestSessions_RefusedOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.create(t, named("ann"), true)
	inactive, outdated := f.logIn(t, a), f.logIn(t, a)
	f.set(t, a.ID, func(a *auth.Account) { a.IsActive = false })
	f.wantOut(t, "while inactive", inactive)
	f.set(t, a.ID, func(a *auth.Account) { a.IsActive = true })
	f.wantOut(t, "active again", inactive)
	var before secret.Text
	f.set(t, a.ID, func(a *auth.Account) { before, a.Password = a.Password, secret.New("pbkdf2_sha256$1$x$y") })
	f.wantOut(t, "with another password", outdated)
	f.set(t, a.ID, func(a *auth.Account) { a.Password = before })
	f.wantOut(t, "with the former password", outdated)
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
