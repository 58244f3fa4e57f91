package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/secret"
	"roster/internal/server"
)

// site is a server with one staff account that changes what it may.
type site struct {
	server.Served

	accounts *auth.Accounts
	tokens   *auth.APITokens
	sessions *auth.Sessions
	now      time.Time
	account  auth.Account
}

var (
	testPassword = secret.New("Corr3ct-horse-staple")
	system       = access.System("test")
)

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOf(t, "API_PERMISSION=DjangoModelPermissions")
}

func newSiteOf(t *testing.T, settings ...string) *site {
	t.Helper()
	served := server.Serve(t, "127.0.0.1:8000", append(settings, "LOG_DIR=", "LOG_LEVEL=CRITICAL",
		"DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"))...)
	return siteOn(t, served)
}

// siteOn adds the accounts to a server.
func siteOn(t *testing.T, served server.Served) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	limiter := password.NewLimiter(password.NewHasher(password.Weak), runtime.GOMAXPROCS(0), 0)
	s := &site{Served: served, now: time.Now()}
	now := func() time.Time { return s.now }
	s.accounts = auth.NewAccounts(served.Store, limiter, auth.NewValidators(12), now, log)
	s.sessions = auth.NewSessions(served.Store, auth.SessionOptions{
		Limiter: limiter, Throttle: auth.NewLoginThrottle(auth.NewMemoryCounters(), auth.DefaultLoginRates(), now),
		Failures: auth.NewMemoryCounters(), Now: now, Log: log,
	})
	s.tokens = auth.NewAPITokens(served.Store, now, log)
	name, yes := "boss", true
	var err error
	if _, err = s.accounts.Create(t.Context(), system, auth.AccountChange{Username: &name, IsSuperuser: &yes, IsStaff: &yes}, auth.NewPassword{}); err != nil {
		t.Fatal(err)
	}
	name = "ann"
	s.account, err = s.accounts.Create(t.Context(), system, auth.AccountChange{Username: &name, IsStaff: &yes}, auth.NewPassword{Text: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) change(t *testing.T, change auth.AccountChange) {
	t.Helper()
	if _, err := s.accounts.Update(t.Context(), system, s.account.ID, change); err != nil {
		t.Fatal(err)
	}
}

func (s *site) logIn(t *testing.T) auth.Token {
	t.Helper()
	login, err := s.sessions.LogIn(t.Context(), auth.LoginRequest{Username: s.account.Username, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	return login.Token
}

// csrf returns the cookie whose value is the token.
func (s *site) csrf(t *testing.T) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/admin/login/", http.NoBody))
	for _, c := range w.Result().Cookies() {
		if c.Name == "roster_csrf" {
			return c
		}
	}
	t.Fatal("the login page sets no token")
	return nil
}

// credential adds a credential to a request.
type credential func(*http.Request)

// none is no credential.
func none(*http.Request) {}

// cookie is the credential of a browser.
func cookie(token auth.Token) credential {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "roster_sid", Value: token.Reveal()}) }
}

// header is the credential of a program.
func header(value string) credential {
	return func(r *http.Request) { r.Header.Set("Authorization", value) }
}

// ask sends a request with a credential.
func (s *site) ask(csrf *http.Cookie, with credential, method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, strings.NewReplacer("{id}", "999", "{format.}", "json", "{name...}", "none").Replace(path), http.NoBody)
	with(r)
	r.AddCookie(csrf)
	r.Header.Set("X-CSRFToken", csrf.Value)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
