package auth_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// An operation that is interrupted at any statement changes nothing, or all.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	var f *interruptible
	prepared := storetest.Prepare(t, func(db *store.Store) { f = newInterruptible(t, db) })
	for name, operation := range map[string]func(*interruptible, context.Context) (any, error){
		"create an account": func(f *interruptible, ctx context.Context) (any, error) {
			change := named("new")
			change.Groups, change.Permissions = &[]int64{f.readers.ID}, &[]access.Permission{access.AddUser}
			a, err := f.accounts.Create(ctx, system, change, auth.NewPassword{Trusted: true})
			return a.Username, err
		},
		"update an account": func(f *interruptible, ctx context.Context) (any, error) {
			a, err := f.accounts.Update(ctx, system, f.ann.ID, auth.AccountChange{
				Email: ptr("ann@example.com"), IsActive: ptr(false), Groups: &[]int64{f.readers.ID}, Permissions: &[]access.Permission{},
			})
			return a, err
		},
		"set a password": func(f *interruptible, ctx context.Context) (any, error) {
			return nil, f.accounts.SetPassword(ctx, system, f.ann.ID, auth.NewPassword{Trusted: true}, f.session.Session.ID)
		},
		"delete an account": func(f *interruptible, ctx context.Context) (any, error) {
			return nil, f.accounts.Delete(ctx, system, f.ann.ID)
		},
		"find an account": func(f *interruptible, ctx context.Context) (any, error) {
			a, held, err := f.accounts.Find(ctx, system, f.ann.ID)
			named, err2 := f.accounts.FindNamed(ctx, system, "ann")
			return fmt.Sprint(a.Username, held.Held(), named.Username), firstError(err, err2)
		},
		"list accounts": func(f *interruptible, ctx context.Context) (any, error) {
			found, total, err := f.accounts.List(ctx, system, auth.AccountQuery{}, 0, 10)
			return fmt.Sprint(len(found), total), err
		},
		"explain": func(f *interruptible, ctx context.Context) (any, error) {
			return f.accounts.Explain(ctx, system, f.ann.ID, access.ViewUser)
		},
		"list holders": func(f *interruptible, ctx context.Context) (any, error) {
			holders, total, err := f.accounts.Holders(ctx, system, access.ViewUser, 0, 10)
			return fmt.Sprint(len(holders), total), err
		},
		"create a group": func(f *interruptible, ctx context.Context) (any, error) {
			g, err := f.groups.Create(ctx, system, auth.GroupChange{Name: ptr("new"), Permissions: &[]access.Permission{access.ViewUser, access.AddUser}})
			return g.Permissions, err
		},
		"update a group": func(f *interruptible, ctx context.Context) (any, error) {
			g, err := f.groups.Update(ctx, system, f.readers.ID, auth.GroupChange{Name: ptr("new"), Permissions: &[]access.Permission{access.AddUser}})
			return g, err
		},
		"delete a group": func(f *interruptible, ctx context.Context) (any, error) {
			return nil, f.groups.Delete(ctx, system, f.readers.ID)
		},
		"list groups": func(f *interruptible, ctx context.Context) (any, error) {
			groups, err := f.groups.List(ctx, system)
			one, err2 := f.groups.Find(ctx, system, f.readers.ID)
			permissions, err3 := f.groups.ListPermissions(ctx, system)
			return fmt.Sprint(groups, one, permissions), firstError(err, err2, err3)
		},
		"list sessions": func(f *interruptible, ctx context.Context) (any, error) {
			found, err := f.sessions.List(ctx, system, f.ann.ID)
			return len(found), err
		},
		"revoke sessions": func(f *interruptible, ctx context.Context) (any, error) {
			return f.sessions.Revoke(ctx, system, f.ann.ID, auth.SessionChoice{})
		},
		"log out": func(f *interruptible, ctx context.Context) (any, error) {
			return nil, f.sessions.LogOut(ctx, f.token, home)
		},
		"authenticate": func(f *interruptible, ctx context.Context) (any, error) {
			in, err := f.sessions.Authenticate(ctx, f.token)
			return in.Actor().Name(), err
		},
		"look at logins": func(f *interruptible, ctx context.Context) (any, error) {
			return f.sessions.LoginState(ctx, system, f.ann)
		},
		"unlock": func(f *interruptible, ctx context.Context) (any, error) {
			return nil, f.sessions.Unlock(ctx, system, f.bob.ID)
		},
		"enrol": func(f *interruptible, ctx context.Context) (any, error) {
			_, err := f.factors.Enrol(ctx, f.session)
			return nil, err
		},
		"reset a factor": func(f *interruptible, ctx context.Context) (any, error) {
			return f.factors.Reset(ctx, system, f.bob.ID)
		},
		"create a token": func(f *interruptible, ctx context.Context) (any, error) {
			token, _, err := f.tokens.Create(ctx, system, f.ann.ID, auth.NewAPIToken{Name: "new"})
			return token.Name, err
		},
		"rotate a token": func(f *interruptible, ctx context.Context) (any, error) {
			token, _, err := f.tokens.Rotate(ctx, system, f.apiToken.ID, time.Hour)
			return token.Name, err
		},
		"revoke a token": func(f *interruptible, ctx context.Context) (any, error) {
			return nil, f.tokens.Revoke(ctx, system, f.apiToken.ID)
		},
		"list tokens": func(f *interruptible, ctx context.Context) (any, error) { return f.tokens.List(ctx, system, f.ann.ID) },
		"count an attempt": func(f *interruptible, ctx context.Context) (any, error) {
			return f.db.Take(ctx, f.Now(), auth.Use{Key: "a", Rate: auth.Rate{Limit: 2, Window: time.Hour}}, auth.Use{Key: "b", Rate: auth.Rate{Limit: 2, Window: time.Hour}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				answer, err := operation(f.on(db), t.Context())
				return fmt.Sprint(answer), err
			})
		})
	}
}

// A login is several transactions: the attempt is counted first. What counts
// attempts may remain.
func TestInterrupt_Login(t *testing.T) {
	t.Parallel()
	var f *interruptible
	prepared := storetest.Prepare(t, func(db *store.Store) { f = newInterruptible(t, db) }, "roster_counters")
	for name, operation := range map[string]func(*interruptible, context.Context) error{
		"log in": func(f *interruptible, ctx context.Context) error {
			_, err := f.sessions.LogIn(ctx, auth.LoginRequest{Username: "ann", Password: passwordOf("ann"), Origin: home, Former: f.token})
			return err
		},
		"confirm": func(f *interruptible, ctx context.Context) error {
			return f.sessions.Confirm(ctx, f.session, passwordOf("ann"), home)
		},
		"enter a code": func(f *interruptible, ctx context.Context) error {
			_, err := f.sessions.EnterCode(ctx, auth.CodeRequest{Token: f.half, Code: f.code, Origin: home})
			return err
		},
		"end sessions of the inactive": func(f *interruptible, ctx context.Context) error { return f.sessions.Sweep(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.InterruptSteps(t, func(db *store.Store) (string, error) { return "", operation(f.on(db), t.Context()) })
		})
	}
}

// interruptible is services on a database with something of each kind.
type interruptible struct {
	*fixture
	tokens   *auth.APITokens
	ann, bob auth.Account // bob has a second factor
	readers  auth.Group
	token    auth.Token // of ann
	session  auth.SignedIn
	half     auth.Token // of bob, who has yet to enter a code
	code     string
	apiToken auth.APIToken
}

func newInterruptible(t *testing.T, db *store.Store) *interruptible {
	t.Helper()
	f := &interruptible{fixture: fixtureOn(db, password.Weak, false)}
	f.tokens = auth.NewAPITokens(db, f.Now, slog.New(slog.DiscardHandler))
	var err error
	if f.readers, err = f.groups.Create(t.Context(), system, auth.GroupChange{Name: ptr("readers"), Permissions: &[]access.Permission{access.ViewUser}}); err != nil {
		t.Fatal(err)
	}
	ann := named("ann")
	ann.Groups, ann.Permissions = &[]int64{f.readers.ID}, &[]access.Permission{access.ChangeUser}
	f.ann, f.bob = f.create(t, ann, true), f.create(t, named("bob"), true)
	key, _ := f.enrol(t, f.logIn(t, f.bob))
	f.token, f.half, f.code = f.logIn(t, f.ann), f.logIn(t, f.bob), key.Code(f.Now())
	f.session = f.in(t, f.token)
	if f.apiToken, _, err = f.tokens.Create(t.Context(), system, f.ann.ID, auth.NewAPIToken{Name: "old", Life: 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	return f
}

// on returns the same on a copy of the database.
func (f *interruptible) on(db *store.Store) *interruptible {
	g := *f
	g.fixture = &fixture{clock: f.clock, db: db}
	g.services(password.Weak, false)
	g.tokens = auth.NewAPITokens(db, f.Now, slog.New(slog.DiscardHandler))
	return &g
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
