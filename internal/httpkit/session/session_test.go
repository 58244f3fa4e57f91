package session_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
)

// known says that one token is that of account 7, or fails.
type known struct {
	token auth.Token
	fails error
	asked int
}

func (k *known) Authenticate(_ context.Context, token auth.Token) (auth.SignedIn, error) {
	k.asked++
	if k.fails == nil && token.Digest() != k.token.Digest() {
		return auth.SignedIn{}, fault.New(fault.Unauthenticated, "no")
	}
	return auth.SignedIn{Account: auth.Account{ID: 7, Username: "ann", IsStaff: true}}, k.fails
}

// ask sends a request with that cookie and returns what the handler finds, asking twice.
func ask(k *known, target string, cookie *http.Cookie) (in auth.SignedIn, ok, staff bool) {
	keeper := session.NewKeeper(k, nil, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	keeper.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		in, ok = keeper.Of(r)
		actor := keeper.Actor(r)
		staff = actor.Staff() && actor.Origin().Address == "192.0.2.1"
	})).ServeHTTP(httptest.NewRecorder(), r)
	return in, ok, staff
}

// cookieOf returns the cookie that a browser gets.
func cookieOf(t *testing.T, target string, token auth.Token) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	session.Set(w, httptest.NewRequest(http.MethodGet, target, http.NoBody), token)
	return w.Result().Cookies()[0]
}

func TestKeeper(t *testing.T) {
	t.Parallel()
	token := auth.NewToken()
	const plain, secure = "http://example.com/", "https://example.com/"
	tests := []struct {
		name, target string
		cookie       *http.Cookie
		fails        error
		want         bool
		asked        int
	}{
		{"no cookie", plain, nil, nil, false, 0},
		{"http", plain, cookieOf(t, plain, token), nil, true, 1},
		{"https", secure, cookieOf(t, secure, token), nil, true, 1},
		{"the cookie of http on https", secure, cookieOf(t, plain, token), nil, false, 0},
		{"the cookie of https on http", plain, cookieOf(t, secure, token), nil, false, 0},
		{"no token", plain, &http.Cookie{Name: "roster_sid", Value: "x"}, nil, false, 0},
		{"an unknown token", plain, cookieOf(t, plain, auth.NewToken()), nil, false, 1},
		{"the database is away", plain, cookieOf(t, plain, token), errors.New("away"), false, 1},
	}
	for _, tt := range tests {
		k := &known{token: token, fails: tt.fails}
		in, ok, staff := ask(k, tt.target, tt.cookie)
		if ok != tt.want || staff != tt.want || tt.want && in.Account.ID != 7 || k.asked != tt.asked {
			t.Errorf("%s: got %v, staff %v, asked %d times; want %v, %d times", tt.name, ok, staff, k.asked, tt.want, tt.asked)
		}
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	for target, name := range map[string]string{"http://example.com/": "roster_sid", "https://example.com/": "__Host-sid"} {
		w := httptest.NewRecorder()
		session.Clear(w, httptest.NewRequest(http.MethodGet, target, http.NoBody))
		if c := w.Result().Cookies()[0]; c.Name != name || c.Value != "" || c.MaxAge >= 0 {
			t.Errorf("%s: got %v", target, c)
		}
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	if session.Has(r) {
		t.Error("no cookies: got one")
	}
	r.AddCookie(&http.Cookie{Name: "other", Value: "x"})
	if session.Has(r) {
		t.Error("another cookie: got one")
	}
	r.AddCookie(&http.Cookie{Name: "roster_sid", Value: ""})
	if !session.Has(r) {
		t.Error("an empty cookie: got none")
	}
}

// program says that one token is that of account 8, or fails.
type program struct{ fails error }

func (p program) Authenticate(_ context.Context, text string, from access.Origin) (access.Actor, error) {
	if p.fails == nil && text != "rst_good" {
		return access.Actor{}, fault.New(fault.BadCredential, "Invalid token.")
	}
	return access.NewActor(access.Account{ID: 8}).From(from), p.fails
}

func TestKeeper_APIActor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		header string
		fails  error
		id     int64
		status int // of an action open to everyone; 0: allowed
	}{
		{"", nil, 0, 0},
		{"Bearer rst_good", nil, 8, 0},
		{"bearer  rst_good ", nil, 8, 0},
		{"Token rst_good", nil, 8, 0},
		{"Bearer", nil, 0, http.StatusUnauthorized},
		{"Bearer rst_good rst_good", nil, 0, http.StatusUnauthorized},
		{"Token ", nil, 0, http.StatusUnauthorized},
		{"Token rst_good x", nil, 0, http.StatusUnauthorized},
		{"Bearerrst_good", nil, 0, 0},
		{"Bearer rst_bad", nil, 0, http.StatusUnauthorized},
		{"Bearer rst_good", fault.New(fault.Unavailable, "The database is busy."), 0, http.StatusServiceUnavailable},
	} {
		keeper := session.NewKeeper(&known{}, program{tt.fails}, slog.New(slog.DiscardHandler))
		r := httptest.NewRequest(http.MethodGet, "/api/users/", http.NoBody)
		r.Header.Set("Authorization", tt.header)
		actor := keeper.APIActor(r)
		status := 0
		if err := actor.Check(access.Public); err != nil {
			status = httpkit.StatusOf(err)
		}
		if actor.ID() != tt.id || status != tt.status || tt.id != 0 && actor.Origin().Address != "192.0.2.1" {
			t.Errorf("%q: got account %d and status %d, want %d and %d", tt.header, actor.ID(), status, tt.id, tt.status)
		}
	}
}
