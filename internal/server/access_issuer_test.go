package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/oidc/oidctest"
)

// Every route of the API is open to access tokens of another issuer as the matrix
// says, and nothing else is.
func TestAccess_Issuers(t *testing.T) {
	t.Parallel()
	issuer := oidctest.New(t)
	s := newSiteOf(t, "API_PERMISSION=DjangoModelPermissions", "JWT_ISSUERS="+issuer.URL+";aud=roster")
	yes, no := true, false
	token := func(claims map[string]any) string { return "Bearer " + issuer.Issue(nil, claims) }
	fresh := token(nil)
	own := func(p access.Permission) bool { return p == anybody || p == account }
	s.walkAPI(t, "an unknown subject", fresh, nothing)
	if err := auth.NewIdentities(s.sessions).Add(t.Context(), system, s.account.ID, issuer.URL, "1"); err != nil {
		t.Fatal(err)
	}
	s.walkAPI(t, "no permission", fresh, own)
	s.change(t, auth.AccountChange{Permissions: &[]access.Permission{access.ViewUser}})
	s.Forget()
	s.walkAPI(t, "one permission", fresh, func(need access.Permission) bool { return own(need) || need == access.ViewUser })
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	s.Forget()
	s.walkAPI(t, "superuser", fresh, func(need access.Permission) bool { return need != session })
	for name, text := range map[string]string{
		"expired":          token(map[string]any{"exp": time.Now().Add(-2 * time.Minute).Unix()}),
		"another audience": token(map[string]any{"aud": "other"}),
		"another issuer":   token(map[string]any{"iss": "https://other.example.com"}),
		"another subject":  token(map[string]any{"sub": "2"}),
		"alg none":         "Bearer " + issuer.Issue(map[string]any{"alg": "none"}, nil),
		"alg HS256":        "Bearer " + issuer.Issue(map[string]any{"alg": "HS256"}, nil),
	} {
		s.walkAPI(t, name, text, nothing)
	}
	s.change(t, auth.AccountChange{IsActive: &no})
	s.Forget()
	s.walkAPI(t, "a deactivated account", fresh, nothing)
}

// Refusals are answered as by simplejwt, and an issuer that does not answer with 503.
func TestAccess_RefusedIssuer(t *testing.T) {
	t.Parallel()
	issuer, gone := oidctest.New(t), oidctest.New(t)
	s := newSiteOf(t, "JWT_ISSUERS="+issuer.URL+";aud=roster,"+gone.URL+";aud=roster")
	lost := gone.Issue(nil, nil)
	gone.Close()
	const invalid = `{"detail":"Given token not valid for any token type","code":"token_not_valid",` +
		`"messages":[{"token_class":"AccessToken","token_type":"access","message":"Token is invalid or expired"}]}`
	for name, tt := range map[string]struct {
		text   string
		status int
		body   string
	}{
		"an unknown subject": {issuer.Issue(nil, nil), http.StatusUnauthorized, `{"detail":"User not found","code":"user_not_found"}`},
		"another audience":   {issuer.Issue(nil, map[string]any{"aud": "other"}), http.StatusUnauthorized, invalid},
		"no answer":          {lost, http.StatusServiceUnavailable, "The provider cannot be reached at the moment."},
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/users/", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+tt.text)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
}

// An account with a second factor needs one at the issuer; an unlinked login ends.
func TestAccess_IssuerFactor(t *testing.T) {
	t.Parallel()
	issuer := oidctest.New(t)
	s := newSiteOf(t, "API_PERMISSION=IsAuthenticated", "REQUIRE_TOTP=true", "JWT_ISSUERS="+issuer.URL+";aud=roster")
	identities := auth.NewIdentities(s.sessions)
	if err := identities.Add(t.Context(), system, s.account.ID, issuer.URL, "1"); err != nil {
		t.Fatal(err)
	}
	strong := header("Bearer " + issuer.Issue(nil, map[string]any{"amr": []string{"mfa"}}))
	want := func(name string, with credential, status int) {
		t.Helper()
		if w := s.ask(s.csrf(t), with, http.MethodGet, "/api/users/"); w.Code != status {
			t.Errorf("%s: got %d %s, want %d", name, w.Code, w.Body, status)
		}
	}
	want("a password alone", header("Bearer "+issuer.Issue(nil, nil)), http.StatusUnauthorized)
	want("a second factor", strong, http.StatusOK)
	list, err := identities.List(t.Context(), system, s.account.ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, %v", list, err)
	}
	if err := identities.Unlink(t.Context(), system, list[0].ID, auth.WaysIn{}); err != nil {
		t.Fatal(err)
	}
	s.Forget()
	want("unlinked", strong, http.StatusUnauthorized)
}
