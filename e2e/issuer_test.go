package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ourAudience is the resource for which tokens are issued (RFC 8707).
const ourAudience = "https://roster.example.com"

// grant returns an access token of the client script for a resource.
func (c certified) grant(resource string) string {
	c.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {resource}}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("script", "secret")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&granted); err != nil || strings.Count(granted.Token, ".") != 2 {
		c.t.Fatalf("got %d, %+v, %v, want a JSON Web Token", answer.StatusCode, granted, err)
	}
	return "Bearer " + granted.Token
}

// TestIssuer_Certified: the API accepts access tokens of a certified provider for the
// account to which the client is linked, also after the provider has changed its key.
func TestIssuer_Certified(t *testing.T) {
	t.Parallel()
	provider := startCertified(t)
	provider.set(map[string]any{"redirect": "http://127.0.0.1:1"})
	dir := t.TempDir()
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), signing}
	s := startServer(t, dir, append(settings, "API_PERMISSION=IsAuthenticated", "JWT_ISSUERS="+provider.url+";aud="+ourAudience)...)
	addSuperuser(t, settings, "boss")
	want := func(what, token, method string, status int) {
		t.Helper()
		if got, err := s.authorized(token, method, "/api/users/", newUser("made")); err != nil || got.status != status {
			t.Errorf("%s: got %d %s, %v, want %d", what, got.status, got.body, err, status)
		}
	}
	token := provider.grant(ourAudience)
	want("a client without an account", token, http.MethodGet, http.StatusUnauthorized)
	db, err := openSQLite(filepath.Join(dir, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(t.Context(), "INSERT INTO roster_identities (account_id, issuer, subject, email, created_at) VALUES (1, ?, 'script', '', '2026-11-30 00:00:00')", provider.url)
	if err != nil {
		t.Fatal(err)
	}
	want("a linked client", token, http.MethodGet, http.StatusOK)
	want("a linked client", token, http.MethodPost, http.StatusCreated)
	want("a token for another service", provider.grant("https://other.example.com"), http.MethodGet, http.StatusUnauthorized)
	if out := commanded(t, settings, "audit", "export"); !strings.Contains(out, "JWT of "+provider.url) {
		t.Errorf("the audit trail does not name the issuer: %s", out)
	}

	provider.set(map[string]any{"rotate": true})
	token = provider.grant(ourAudience)
	next := time.NewTicker(100 * time.Millisecond) // unknown keys are looked up every ten seconds
	defer next.Stop()
	for deadline := time.Now().Add(patience); ; <-next.C {
		got, err := s.authorized(token, http.MethodGet, "/api/users/", "")
		if err == nil && got.status == http.StatusOK {
			return
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("with the new key: got %d %s, %v", got.status, got.body, err)
		}
	}
}
