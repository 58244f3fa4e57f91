package auth_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

// basicStory is a fixture with an account, HTTP Basic, and how often it verified
// a password.
type basicStory struct {
	*fixture

	basic *auth.BasicAuth
	ann   auth.Account

	mu    sync.Mutex
	tries int
}

func newBasicStory(t *testing.T, requireTOTP bool) *basicStory {
	t.Helper()
	s := &basicStory{fixture: newFixture(t)}
	s.basic = s.server(requireTOTP)
	s.ann = s.create(t, named("ann"), true)
	return s
}

// server returns HTTP Basic of another server on the same database.
func (s *basicStory) server(requireTOTP bool) *auth.BasicAuth {
	return auth.NewBasicAuth(auth.NewSessions(s.db, auth.SessionOptions{
		Limiter:  password.NewLimiter(password.NewHasher(password.Weak), 2, 0),
		Throttle: auth.NewLoginThrottle(s.db, auth.DefaultLoginRates(), s.Now), Failures: s.db,
		RequireTOTP: requireTOTP, Now: s.Now, Log: slog.New(slog.DiscardHandler),
		Tried: func(step string, _ error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if step == auth.StepBasic {
				s.tries++
			}
		},
	}))
}

func (s *basicStory) ask(t *testing.T, pw secret.Text) (access.Actor, error) {
	t.Helper()
	return s.basic.Authenticate(t.Context(), "ann", pw.Reveal(), home)
}

// want asks with the password of ann, and checks the answer and the number of
// verifications so far.
func (s *basicStory) want(t *testing.T, what string, kind fault.Kind, tries int) {
	t.Helper()
	actor, err := s.ask(t, passwordOf("ann"))
	switch {
	case kind != 0:
		wantKind(t, what, err, kind)
	case err != nil || actor.ID() != s.ann.ID || actor.Origin() != home:
		t.Errorf("%s: got account %d, %v", what, actor.ID(), err)
	}
	if s.tries != tries {
		t.Errorf("%s: %d verifications, want %d", what, s.tries, tries)
	}
}

// A right password is hashed once a minute.
func TestBasicAuth(t *testing.T) {
	t.Parallel()
	s := newBasicStory(t, false)
	s.want(t, "first", 0, 1)
	s.want(t, "again", 0, 1)
	s.Advance(auth.BasicKept - 1)
	s.want(t, "a minute later", 0, 1)
	s.Advance(1)
	s.want(t, "after that", 0, 2)
	s.update(t, auth.AccountChange{Permissions: &[]access.Permission{access.ViewUser}})
	if actor, err := s.ask(t, passwordOf("ann")); err != nil || !actor.Can(access.ViewUser) {
		t.Errorf("after a permission was given: got %v", err)
	}
	elsewhere := home
	elsewhere.Address = "192.0.2.2"
	if _, err := s.basic.Authenticate(t.Context(), "ann", passwordOf("ann").Reveal(), elsewhere); err != nil || s.tries != 3 {
		t.Errorf("another client: got %v, %d verifications", err, s.tries)
	}
}

func (s *basicStory) update(t *testing.T, change auth.AccountChange) {
	t.Helper()
	if _, err := s.accounts.Update(t.Context(), system, s.ann.ID, change); err != nil {
		t.Fatal(err)
	}
}

// What ends a login ends a kept password at once, also when another server did it.
func TestBasicAuth_Ends(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(*testing.T, *basicStory){
		"another password": func(t *testing.T, s *basicStory) {
			t.Helper()
			if err := s.accounts.SetPassword(t.Context(), system, s.ann.ID, auth.NewPassword{Text: secret.New("Another-horse-9")}, 0); err != nil {
				t.Fatal(err)
			}
		},
		"no password": func(t *testing.T, s *basicStory) {
			t.Helper()
			if err := s.accounts.SetPassword(t.Context(), system, s.ann.ID, auth.NewPassword{}, 0); err != nil {
				t.Fatal(err)
			}
		},
		"deactivated": func(t *testing.T, s *basicStory) { t.Helper(); s.update(t, auth.AccountChange{IsActive: ptr(false)}) },
		"not staff":   func(t *testing.T, s *basicStory) { t.Helper(); s.update(t, auth.AccountChange{IsStaff: ptr(false)}) },
		"deleted": func(t *testing.T, s *basicStory) {
			t.Helper()
			if err := s.accounts.Delete(t.Context(), system, s.ann.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newBasicStory(t, false)
			s.want(t, "before", 0, 1)
			end(t, s)
			s.want(t, "after", fault.Unauthenticated, 2)
			if what == "deactivated" {
				s.update(t, auth.AccountChange{IsActive: ptr(true)})
				s.want(t, "activated again", 0, 3)
			}
		})
	}
}

// An account with a second factor is refused, as are all where one is required.
func TestBasicAuth_Factor(t *testing.T) {
	t.Parallel()
	s := newBasicStory(t, false)
	s.want(t, "before", 0, 1)
	if err := s.db.InAuthTx(t.Context(), func(tx auth.Tx) error { return tx.SaveFactor(s.ann.ID, auth.Factor{Confirmed: true}) }); err != nil {
		t.Fatal(err)
	}
	s.want(t, "with a factor", fault.Denied, 1)
	if _, err := s.ask(t, secret.New("wrong")); err == nil || err.Error() != "Invalid username/password." {
		t.Errorf("a wrong password: got %v", err)
	}
	newBasicStory(t, true).want(t, "where a factor is required", fault.Denied, 1)
}

// A wrong password, an unknown name, and accounts without a password or the right
// to log in get the same answer as in Django REST Framework.
func TestBasicAuth_Refused(t *testing.T) {
	t.Parallel()
	s := newBasicStory(t, false)
	off := named("off")
	off.IsActive = ptr(false)
	s.create(t, off, true)
	s.create(t, auth.AccountChange{Username: ptr("guest")}, true)
	s.create(t, named("robot"), false)
	for i, tt := range [][2]string{
		{"ann", "wrong"}, {"ann", ""}, {"stranger", "x"}, {"", ""}, {"off", passwordOf("off").Reveal()},
		{"guest", passwordOf("guest").Reveal()}, {"robot", ""}, {"robot", "!"}, {"a\xff", "x"},
	} {
		_, err := s.basic.Authenticate(t.Context(), tt[0], tt[1], access.Origin{Address: fmt.Sprintf("192.0.2.%d", i)})
		if fault.KindOf(err) != fault.Unauthenticated || err.Error() != "Invalid username/password." {
			t.Errorf("%q: got %v", tt, err)
		}
	}
}

// Failures count by account, and a client cannot use a kept password to guess
// without being counted.
func TestBasicAuth_Throttle(t *testing.T) {
	t.Parallel()
	s := newBasicStory(t, false)
	s.want(t, "before", 0, 1)
	limit := auth.DefaultLoginRates().Account.Limit
	for i := range limit {
		if _, err := s.ask(t, secret.New(fmt.Sprintf("wrong %d", i))); fault.KindOf(err) != fault.Unauthenticated {
			t.Fatalf("failure %d: got %v", i, err)
		}
	}
	s.want(t, "the right password after them", fault.Throttled, 1+limit+1)
	_, err := s.basic.Authenticate(t.Context(), "ann", "wrong", access.Origin{Address: netip.IPv6Loopback().String()})
	wantKind(t, "another address", err, fault.Throttled)
	_, err = s.tryLogIn(t, "ann", passwordOf("ann"), "192.0.2.9")
	wantKind(t, "a login", err, fault.Throttled)
}

// Requests that arrive together share a verification, so that a program with many
// connections is not refused by the limiter.
func TestBasicAuth_Together(t *testing.T) {
	t.Parallel()
	s := newBasicStory(t, false)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := s.ask(t, passwordOf("ann")); err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if s.tries != 1 {
		t.Errorf("%d verifications of one password, want 1", s.tries)
	}
}

// The memory for kept passwords is limited, whatever the number of clients.
func TestBasicAuth_Bounded(t *testing.T) {
	t.Parallel()
	if got := auth.KeptPasswords(1500); got > 1000 {
		t.Errorf("%d passwords are kept, want at most 1000", got)
	}
}

// A request that was canceled stops neither the verification nor the others.
func TestBasicAuth_Canceled(t *testing.T) {
	t.Parallel()
	s := newBasicStory(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = s.basic.Authenticate(ctx, "ann", passwordOf("ann").Reveal(), home)
	s.want(t, "the next request", 0, 1)
}
