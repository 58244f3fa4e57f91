package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/auth/password"
)

const jwtSecret = "Tb7qN2xWv9LkR4mYc8ZpJ3sHf6GdQa1u"

// issue logs the account in as an issuer does whose tokens have that profile and
// lifetime, and returns the header with the access token.
func (s *site) issue(t *testing.T, profile jwt.Profile, life time.Duration) string {
	t.Helper()
	return "Bearer " + s.obtain(t, profile, life).Access.Reveal()
}

func (s *site) obtain(t *testing.T, profile jwt.Profile, life time.Duration) auth.JWTPair {
	t.Helper()
	profile.Now = time.Now
	sessions := auth.NewSessions(s.Store, auth.SessionOptions{
		Limiter:  password.NewLimiter(password.NewHasher(password.Weak), 1, 0),
		Throttle: auth.NewLoginThrottle(auth.NewMemoryCounters(), auth.DefaultLoginRates(), time.Now),
		Failures: auth.NewMemoryCounters(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	pair, err := auth.NewJWTs(sessions, auth.JWTOptions{
		Profile: profile, Keys: auth.NewKeys(jwtSecret), AccessLife: life, RefreshLife: time.Hour,
	}).Obtain(t.Context(), auth.LoginRequest{Username: s.account.Username, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// Every route of the API is open to JSON Web Tokens as the matrix says, and nothing
// else is.
func TestAccess_JWTs(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, "API_PERMISSION=DjangoModelPermissions", "SECRET_KEY="+jwtSecret)
	yes, no := true, false
	ours := jwt.Profile{Algorithm: jwt.EdDSA, Issuer: "roster", Audience: "roster"}
	issuer, audience, algorithm, shared := ours, ours, ours, jwt.Profile{Algorithm: jwt.HS256}
	issuer.Issuer, audience.Audience, algorithm.Algorithm = "https://other.example.com", "other", jwt.RS256
	fresh := s.issue(t, ours, time.Hour)
	parts := strings.Split(fresh, ".")
	own := func(p access.Permission) bool { return p == anybody || p == account }
	s.walkAPI(t, "no permission", fresh, own)
	s.change(t, auth.AccountChange{Permissions: &[]access.Permission{access.ViewUser}})
	s.Forget()
	s.walkAPI(t, "one permission", fresh, func(need access.Permission) bool { return own(need) || need == access.ViewUser })
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	s.Forget()
	s.walkAPI(t, "superuser", fresh, func(need access.Permission) bool { return need != session })
	for name, token := range map[string]string{
		"expired":           s.issue(t, ours, -time.Second),
		"another issuer":    s.issue(t, issuer, time.Hour),
		"another audience":  s.issue(t, audience, time.Hour),
		"another algorithm": s.issue(t, algorithm, time.Hour),
		"SECRET_KEY as key": s.issue(t, shared, time.Hour),
		"a refresh token":   "Bearer " + s.obtain(t, ours, time.Hour).Refresh.Reveal(),
		"alg none":          "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + ".",
		"another payload":   parts[0] + ".eyJ1c2VyX2lkIjoxfQ." + parts[2],
	} {
		s.walkAPI(t, name, token, nothing)
	}
	s.change(t, auth.AccountChange{IsActive: &no})
	s.Forget()
	s.walkAPI(t, "a deactivated account", fresh, nothing)
}

// A refused token is answered as by simplejwt.
func TestAccess_RefusedJWT(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := httptest.NewRequest(http.MethodGet, "/api/users/", http.NoBody)
	r.Header.Set("Authorization", "Bearer a.b.c")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	const want = `{"detail":"Given token not valid for any token type","code":"token_not_valid",` +
		`"messages":[{"token_class":"AccessToken","token_type":"access","message":"Token is invalid or expired"}]}`
	if w.Code != http.StatusUnauthorized || w.Body.String() != want || w.Header().Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
		t.Errorf("got %d %s, %v", w.Code, w.Body, w.Header())
	}
}

// A malformed header is answered as by simplejwt, or by TokenAuthentication.
func TestAccess_BearerHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const two = `{"detail":"Authorization header must contain two space-delimited values","code":"bad_authorization_header"}`
	for text, want := range map[string]string{
		"Bearer": two, "Bearer ": two, "Bearer a b": two,
		"Token":     `{"detail":"Invalid token header. No credentials provided."}`,
		"Token a b": `{"detail":"Invalid token header. Token string should not contain spaces."}`,
	} {
		w := s.ask(s.csrf(t), header(text), http.MethodGet, "/api/users/")
		if w.Code != http.StatusUnauthorized || w.Body.String() != want {
			t.Errorf("%q: got %d %s, want 401 %s", text, w.Code, w.Body, want)
		}
	}
}
