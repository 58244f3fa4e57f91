package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

const (
	accessLife  = 5 * time.Minute
	refreshLife = 24 * time.Hour
)

// newJWTs returns the service, as a server with that algorithm and SECRET_KEY has it.
func (f *fixture) newJWTs(algorithm jwt.Algorithm, current string, older ...string) *auth.JWTs {
	profile := jwt.Profile{Algorithm: algorithm, Now: f.Now}
	if algorithm != jwt.HS256 {
		profile.Issuer, profile.Audience = "https://roster.example.com", "roster"
	}
	return auth.NewJWTs(f.sessions, auth.JWTOptions{
		Profile: profile, Keys: auth.NewKeys(current, older...), AccessLife: accessLife, RefreshLife: refreshLife,
	})
}

// jwtStory is a login with tokens.
type jwtStory struct {
	*fixture

	jwts *auth.JWTs
	ann  auth.Account
	pair auth.JWTPair
}

const jwtSecret = "a secret of the tests, which is long enough"

func newJWTStory(t *testing.T, algorithm jwt.Algorithm) *jwtStory {
	t.Helper()
	f := newFixture(t)
	s := &jwtStory{fixture: f, jwts: f.newJWTs(algorithm, jwtSecret), ann: f.create(t, named("ann"), true)}
	s.obtain(t)
	return s
}

func (s *jwtStory) obtain(t *testing.T) {
	t.Helper()
	var err error
	if s.pair, err = s.jwts.Obtain(t.Context(), loginOf("ann", passwordOf("ann"))); err != nil {
		t.Fatal(err)
	}
}

func loginOf(username string, pw secret.Text) auth.LoginRequest {
	return auth.LoginRequest{Username: username, Password: pw, Origin: home, UserAgent: "Program"}
}

// authenticate is Authenticate of a server that has not seen the token.
func (s *jwtStory) authenticate(t *testing.T, text secret.Text) (access.Actor, error) {
	t.Helper()
	s.jwts.Forget()
	return s.jwts.Authenticate(t.Context(), text.Reveal(), home)
}

func (s *jwtStory) refresh(t *testing.T, text secret.Text) error {
	t.Helper()
	pair, err := s.jwts.Refresh(t.Context(), text.Reveal(), home)
	if err == nil {
		s.pair = pair
	}
	return err
}

// wantAlive checks that the tokens of the login are valid.
func (s *jwtStory) wantAlive(t *testing.T, when string) {
	t.Helper()
	actor, err := s.authenticate(t, s.pair.Access)
	if err != nil || actor.ID() != s.ann.ID {
		t.Errorf("%s: the access token: got account %d, %v", when, actor.ID(), err)
	}
	for _, text := range []secret.Text{s.pair.Access, s.pair.Refresh} {
		if err := s.jwts.Verify(t.Context(), text.Reveal()); err != nil {
			t.Errorf("%s: verify: %v", when, err)
		}
	}
}

// wantEnded checks that the tokens of the login are of no use, and say why.
func (s *jwtStory) wantEnded(t *testing.T, when, why string) {
	t.Helper()
	_, err := s.authenticate(t, s.pair.Access)
	wantKind(t, when+": the access token", err, fault.BadCredential)
	if err != nil && !strings.Contains(err.Error(), why) {
		t.Errorf("%s: the access token: got %v, want %s", when, err, why)
	}
	for _, text := range []secret.Text{s.pair.Access, s.pair.Refresh} {
		if err := s.jwts.Verify(t.Context(), text.Reveal()); err == nil {
			t.Errorf("%s: verify accepts a token", when)
		}
	}
	wantKind(t, when+": the refresh token", s.refresh(t, s.pair.Refresh), fault.BadCredential)
}

// A program logs in, uses its access token, gets new ones, and logs out.
func TestJWTs_Story(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jwt.Algorithm{jwt.EdDSA, jwt.RS256, jwt.HS256} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			s := newJWTStory(t, algorithm)
			s.wantAlive(t, "after the login")
			actor, err := s.authenticate(t, s.pair.Access)
			if err != nil || actor.Name() != "ann" || actor.Origin() != home || actor.Credential() != (access.Credential{Kind: access.JWT}) {
				t.Errorf("got %+v, %v", actor, err)
			}
			_, err = s.authenticate(t, s.pair.Refresh)
			wantKind(t, "a refresh token in its place", err, fault.BadCredential)
			wantKind(t, "an access token refreshes", s.refresh(t, s.pair.Access), fault.BadCredential)

			first := s.pair
			s.Advance(accessLife)
			_, err = s.authenticate(t, s.pair.Access)
			wantKind(t, "after five minutes", err, fault.BadCredential)
			if err := s.refresh(t, first.Refresh); err != nil {
				t.Fatal(err)
			}
			s.wantAlive(t, "after a refresh")
			if first.Refresh.Reveal() == s.pair.Refresh.Reveal() || first.Access.Reveal() == s.pair.Access.Reveal() {
				t.Error("a refresh returned the former tokens")
			}
			if err := s.jwts.Blacklist(t.Context(), s.pair.Refresh.Reveal(), home); err != nil {
				t.Fatal(err)
			}
			s.wantEnded(t, "after the logout", "blacklisted")
			s.wantDeeds(t, s.ann.Object(), audit.Create, audit.Login, audit.Logout)
		})
	}
}

func TestJWTs_Lifetimes(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	for range 3 {
		s.Advance(refreshLife - time.Second)
		if err := s.refresh(t, s.pair.Refresh); err != nil {
			t.Fatal(err)
		}
	}
	s.Advance(refreshLife)
	wantKind(t, "a day later", s.refresh(t, s.pair.Refresh), fault.BadCredential)
	if n, err := s.db.DropSessions(t.Context(), s.Now().Add(time.Second), 10); err != nil || n != 1 {
		t.Errorf("retention deleted %d logins, %v", n, err)
	}
}

// A refresh token that is used twice ends the login, because one of the two
// users is a thief, and the trail says so.
func TestJWTs_Reuse(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(*jwtStory, secret.Text) error{
		"refresh":   func(s *jwtStory, text secret.Text) error { return s.refresh(t, text) },
		"blacklist": func(s *jwtStory, text secret.Text) error { return s.jwts.Blacklist(t.Context(), text.Reveal(), home) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newJWTStory(t, jwt.EdDSA)
			stolen := s.pair.Refresh
			if err := s.refresh(t, stolen); err != nil {
				t.Fatal(err)
			}
			wantKind(t, "looking at the used token", s.jwts.Verify(t.Context(), stolen.Reveal()), fault.Invalid)
			s.wantAlive(t, "after the thief looked")
			wantKind(t, "the second use", again(s, stolen), fault.BadCredential)
			s.wantEnded(t, "after the second use", "blacklisted")
			rows := s.trail(t)
			last := rows[len(rows)-1]
			if last.Action != audit.Logout || last.Reason != "A refresh token was used twice, so its login was ended." || last.ActorID != s.ann.ID {
				t.Errorf("the trail ends with %+v", last.Entry)
			}
			s.obtain(t)
			s.wantAlive(t, "after another login")
		})
	}
}

// Of refreshes at the same time one wins, and the others end the login.
func TestJWTs_ReuseAtOnce(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	results := make(chan error)
	for range 4 {
		go func() {
			_, err := s.jwts.Refresh(t.Context(), s.pair.Refresh.Reveal(), home)
			results <- err
		}()
	}
	won := 0
	for range 4 {
		if err := <-results; err == nil {
			won++
		} else if fault.KindOf(err) != fault.BadCredential {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d refreshes succeeded, want 1", won)
	}
	s.wantEnded(t, "afterwards", "blacklisted")
}

// What changes an account ends its tokens at once, although they have not expired,
// and they stay ended when the account changes back.
func TestJWTs_EndWithTheirAccount(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	update := func(s *jwtStory, change auth.AccountChange) error {
		_, err := s.accounts.Update(t.Context(), system, s.ann.ID, change)
		return err
	}
	inTable := func(s *jwtStory, change func(*auth.Account)) error {
		return s.db.InAuthTx(t.Context(), func(tx auth.Tx) error {
			a, _, err := tx.FindAccount(s.ann.ID)
			change(&a)
			return errors.Join(err, tx.UpdateAccount(a))
		})
	}
	for name, tt := range map[string]struct {
		end, back func(*jwtStory) error
		why       string
	}{
		"deactivated": {
			func(s *jwtStory) error { return update(s, auth.AccountChange{IsActive: &no}) },
			func(s *jwtStory) error { return update(s, auth.AccountChange{IsActive: &yes}) }, "User is inactive",
		},
		"no longer staff": {
			func(s *jwtStory) error { return update(s, auth.AccountChange{IsStaff: &no}) },
			func(s *jwtStory) error { return update(s, auth.AccountChange{IsStaff: &yes}) }, "User is inactive",
		},
		"deactivated by Django": {
			func(s *jwtStory) error { return inTable(s, func(a *auth.Account) { a.IsActive = false }) },
			func(s *jwtStory) error { return inTable(s, func(a *auth.Account) { a.IsActive = true }) }, "User is inactive",
		},
		"another password": {
			func(s *jwtStory) error {
				return s.accounts.SetPassword(t.Context(), system, s.ann.ID, auth.NewPassword{Text: secret.New("An0ther-horse-staple"), Trusted: true}, 0)
			}, nil, "blacklisted",
		},
		"another password by Django": {
			func(s *jwtStory) error {
				return inTable(s, func(a *auth.Account) { a.Password = secret.New("!" + a.Password.Reveal()) })
			},
			func(s *jwtStory) error {
				return inTable(s, func(a *auth.Account) { a.Password = s.ann.Password })
			}, "blacklisted",
		},
		"all sessions revoked": {
			func(s *jwtStory) error {
				_, err := s.sessions.Revoke(t.Context(), s.as(t, s.ann), s.ann.ID, auth.SessionChoice{})
				return err
			}, nil, "blacklisted",
		},
		"deleted": {
			func(s *jwtStory) error { return s.accounts.Delete(t.Context(), system, s.ann.ID) }, nil, "User not found",
		},
		"a second factor": {
			func(s *jwtStory) error { s.enrol(t, s.logIn(t, s.ann)); return nil }, nil, "second factor",
		},
		"a second factor is required": {
			func(s *jwtStory) error { s.sessions.RequireTOTP = true; return nil },
			func(s *jwtStory) error { s.sessions.RequireTOTP = false; return nil }, "second factor",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newJWTStory(t, jwt.EdDSA)
			if err := tt.end(s); err != nil {
				t.Fatal(err)
			}
			s.wantEnded(t, name, tt.why)
			if tt.back == nil {
				return
			}
			if err := tt.back(s); err != nil {
				t.Fatal(err)
			}
			s.wantEnded(t, name+", and back", "blacklisted")
			s.obtain(t)
			s.wantAlive(t, "after another login")
		})
	}
}

// A changed permission counts within half a second, and at once on a server that
// forgets what it has kept.
func TestJWTs_Permissions(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	can := func() bool {
		actor, err := s.jwts.Authenticate(t.Context(), s.pair.Access.Reveal(), home)
		return err == nil && actor.Can(access.ViewUser)
	}
	if can() {
		t.Fatal("the account has the permission already")
	}
	if _, err := s.accounts.Update(t.Context(), system, s.ann.ID, auth.AccountChange{Permissions: &[]access.Permission{access.ViewUser}}); err != nil {
		t.Fatal(err)
	}
	if can() {
		t.Error("the account is looked up for every request")
	}
	if s.Advance(500 * time.Millisecond); !can() {
		t.Error("the permission does not count after half a second")
	}
}

// A token that is kept in memory expires in time.
func TestJWTs_KeptUntilItExpires(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	s.Advance(accessLife - 100*time.Millisecond)
	s.wantAlive(t, "shortly before")
	s.Advance(100 * time.Millisecond)
	_, err := s.jwts.Authenticate(t.Context(), s.pair.Access.Reveal(), home)
	wantKind(t, "expired", err, fault.BadCredential)
}

// A login by a password alone is refused like one of a person, and where a second
// factor is missing.
func TestJWTs_Obtain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	jwts, no := f.newJWTs(jwt.EdDSA, jwtSecret), false
	ann := f.create(t, named("ann"), true)
	inactive, visitor := named("bob"), named("cat")
	inactive.IsActive, visitor.IsStaff = &no, &no
	f.create(t, inactive, true)
	f.create(t, visitor, true)
	f.create(t, named("dan"), true)
	f.create(t, named("eve"), false)
	f.enrol(t, f.logIn(t, ann))
	try := func(username string, pw secret.Text) error {
		_, err := jwts.Obtain(t.Context(), loginOf(username, pw))
		return err
	}
	const bad, half = "No active account found with the given credentials", "A password alone is not enough"
	for _, tt := range []struct {
		name, username string
		password       secret.Text
		want           string
	}{
		{"a wrong password", "dan", secret.New("wrong"), bad},
		{"an unknown account", "zoe", secret.New("wrong"), bad},
		{"an inactive account", "bob", passwordOf("bob"), bad},
		{"an account that is not staff", "cat", passwordOf("cat"), bad},
		{"an account without a password", "eve", secret.New(""), bad},
		{"an account with a second factor", "ann", passwordOf("ann"), half},
		{"a wrong password for it", "ann", secret.New("wrong"), bad},
	} {
		err := try(tt.username, tt.password)
		wantKind(t, tt.name, err, fault.BadCredential)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	if err := try("dan", passwordOf("dan")); err != nil {
		t.Error(err)
	}
	f.sessions.RequireTOTP = true
	if err := try("dan", passwordOf("dan")); err == nil || !strings.HasPrefix(err.Error(), half) {
		t.Errorf("with REQUIRE_TOTP: got %v", err)
	}
	f.sessions.RequireTOTP = false
	for range auth.DefaultLoginRates().Account.Limit {
		if err := try("dan", secret.New("wrong")); fault.KindOf(err) == fault.Throttled {
			break
		}
	}
	wantKind(t, "the right password, after too many wrong ones", try("dan", passwordOf("dan")), fault.Throttled)
}

// A hash of former settings is replaced, and the login with it keeps its tokens.
func TestJWTs_Rehash(t *testing.T) {
	t.Parallel()
	f := newFixtureOf(t, password.PBKDF2SHA256, false)
	s := &jwtStory{fixture: f, ann: f.create(t, named("ann"), true)}
	f.services(password.Weak, false)
	s.jwts = f.newJWTs(jwt.EdDSA, jwtSecret)
	s.obtain(t)
	s.wantAlive(t, "after the login")
	a, _, err := f.accounts.Find(t.Context(), system, s.ann.ID)
	if err != nil || !strings.HasPrefix(a.Password.Reveal(), "argon2") {
		t.Errorf("the hash is still %.10s, %v", a.Password.Reveal(), err)
	}
}

// A login with tokens is no session of a browser.
func TestJWTs_NoSession(t *testing.T) {
	t.Parallel()
	s := newJWTStory(t, jwt.EdDSA)
	rows, err := s.sessions.List(t.Context(), s.as(t, s.ann), s.ann.ID)
	if err != nil || len(rows) != 1 || rows[0].RefreshID == "" || rows[0].UserAgent != "Program" {
		t.Fatalf("got %+v, %v", rows, err)
	}
	if n, err := s.db.CountSessions(t.Context(), s.Now()); err != nil || n != 0 {
		t.Errorf("%d sessions of browsers, %v", n, err)
	}
	if _, err := auth.ParseToken(rows[0].RefreshID); err == nil {
		t.Error("the cookie of a browser could name the login")
	}
}
