package auth_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// fixture is all services on an empty database.
type fixture struct {
	*clock
	db       *store.Store
	accounts *auth.Accounts
	groups   *auth.Groups
	sessions *auth.Sessions
	factors  *auth.Factors
	passkeys *auth.Passkeys
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixtureOf(t, password.Weak, false)
}

func newFixtureOf(t *testing.T, algorithm password.Algorithm, requireTOTP bool) *fixture {
	t.Helper()
	db := storetest.OpenSQLite(t)
	return fixtureOn(db, algorithm, requireTOTP)
}

// fixtureOn is all services on that database.
func fixtureOn(db *store.Store, algorithm password.Algorithm, requireTOTP bool) *fixture {
	f := &fixture{clock: newClock(), db: db}
	f.services(algorithm, requireTOTP)
	return f
}

// services creates the services again, as a restart of the server would.
func (f *fixture) services(algorithm password.Algorithm, requireTOTP bool) {
	log := slog.New(slog.DiscardHandler)
	limiter := password.NewLimiter(password.NewHasher(algorithm), 2, 0)
	f.accounts = auth.NewAccounts(f.db, limiter, auth.NewValidators(12), f.Now, log)
	f.groups = auth.NewGroups(f.db, f.Now, log)
	f.factors = auth.NewFactors(f.db, auth.NewKeys("a secret of the tests"), f.Now, log)
	f.sessions = auth.NewSessions(f.db, auth.SessionOptions{
		Limiter: limiter, Throttle: auth.NewLoginThrottle(f.db, auth.DefaultLoginRates(), f.Now), Failures: f.db,
		Keys: auth.NewKeys("a secret of the tests"), RequireTOTP: requireTOTP, Now: f.Now, Log: log,
	})
	f.passkeys = auth.NewPasskeys(f.sessions)
}

var (
	system = access.System("test")
	home   = access.Origin{Address: "192.0.2.1", RequestID: "request"}
)

func ptr[T any](value T) *T { return &value }

// named is what is known of a new staff account of that name.
func named(username string) auth.AccountChange {
	return auth.AccountChange{Username: &username, IsStaff: ptr(true)}
}

// passwordOf is the password of the account of that name.
func passwordOf(username string) secret.Text { return secret.New("Correct-horse-9 of " + username[:1]) }

// create makes an account; one with a password can log in.
func (f *fixture) create(t *testing.T, change auth.AccountChange, withPassword bool) auth.Account {
	t.Helper()
	pw := auth.NewPassword{Trusted: true}
	if withPassword {
		pw.Text = passwordOf(*change.Username)
	}
	a, err := f.accounts.Create(t.Context(), system, change, pw)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// as returns what an account may do, as the database has it.
func (f *fixture) as(t *testing.T, a auth.Account) access.Actor {
	t.Helper()
	a, held, err := f.accounts.Find(t.Context(), system, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	return access.NewActor(access.Account{
		ID: a.ID, Username: a.Username, IsStaff: a.IsStaff, IsSuperuser: a.IsSuperuser, Permissions: held.Held(),
	}).From(home)
}

// trail returns all entries of the audit trail.
func (f *fixture) trail(t *testing.T) []audit.Row {
	t.Helper()
	rows, err := f.db.ListAudit(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// deeds are the actions on an object in the trail, the oldest first.
func (f *fixture) deeds(t *testing.T, object audit.Object) (actions []audit.Action) {
	t.Helper()
	for _, row := range f.trail(t) {
		if row.Object.Type == object.Type && row.Object.ID == object.ID {
			actions = append(actions, row.Action)
		}
	}
	return actions
}

func (f *fixture) wantDeeds(t *testing.T, object audit.Object, want ...audit.Action) {
	t.Helper()
	if got := f.deeds(t, object); !slices.Equal(got, want) {
		t.Errorf("the trail of %s: got %v, want %v", object.Name, got, want)
	}
}

// logIn logs an account in that create has made.
func (f *fixture) logIn(t *testing.T, a auth.Account) auth.Token {
	t.Helper()
	login, err := f.tryLogIn(t, a.Username, passwordOf(a.Username), home.Address)
	if err != nil {
		t.Fatal(err)
	}
	return login.Token
}

func (f *fixture) tryLogIn(t *testing.T, username string, pw secret.Text, address string) (auth.Login, error) {
	t.Helper()
	return f.sessions.LogIn(t.Context(), auth.LoginRequest{
		Username: username, Password: pw, Origin: access.Origin{Address: address, RequestID: "request"}, UserAgent: "Browser \xff",
	})
}

// in returns the session of a token.
func (f *fixture) in(t *testing.T, token auth.Token) auth.SignedIn {
	t.Helper()
	in, err := f.sessions.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: got error %v of kind %d, want kind %d", what, err, fault.KindOf(err), want)
	}
}

// wantOut checks that a token is no longer valid.
func (f *fixture) wantOut(t *testing.T, what string, token auth.Token) {
	t.Helper()
	_, err := f.sessions.Authenticate(t.Context(), token)
	wantKind(t, what, err, fault.Unauthenticated)
}

const minute = time.Minute
