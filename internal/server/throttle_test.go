package server_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/auth"
	"roster/internal/config"
	"roster/internal/server"
)

// The quota of an address is used up by requests of any kind, and an account has
// a quota of its own.
func TestThrottle(t *testing.T) {
	t.Parallel()
	served := server.Serve(t, "127.0.0.1:8000", "THROTTLE_ANON=2/hour", "LOG_DIR=", "LOG_LEVEL=CRITICAL", "DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"))
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		served.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return w
	}
	for _, path := range []string{"/api/users/", "/api/users/999/"} {
		if w := ask(path); w.Code == http.StatusTooManyRequests || w.Header().Get("RateLimit-Policy") != `"anonymous";q=2;w=3600` {
			t.Errorf("%s: got %d, %v", path, w.Code, w.Header())
		}
	}
	w := ask("/api/users/")
	want := `{"detail":"Request was throttled. Expected available in ` + w.Header().Get("Retry-After") + ` seconds."}`
	if w.Code != http.StatusTooManyRequests || w.Body.String() != want {
		t.Errorf("got %d %s, %v", w.Code, w.Body, w.Header())
	}
	if w := ask("/readyz"); w.Code == http.StatusTooManyRequests {
		t.Error("probes are limited")
	}
}

// A scope's quota is of the routes that need its permissions.
func TestThrottle_Scopes(t *testing.T) {
	t.Parallel()
	if got := auth.AllScopes().String(); got != strings.Join(config.RatedScopes, " ") {
		t.Errorf("THROTTLE_SCOPES takes %v, tokens %s", config.RatedScopes, got)
	}
	served := server.Serve(t, "127.0.0.1:8000", "THROTTLE_SCOPES=users:write=1/hour", "LOG_DIR=", "LOG_LEVEL=CRITICAL", "DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"))
	for _, step := range []struct {
		method string
		want   int
	}{
		{http.MethodGet, http.StatusOK}, {http.MethodPost, http.StatusBadRequest}, {http.MethodPost, http.StatusTooManyRequests}, {http.MethodGet, http.StatusOK},
	} {
		w := httptest.NewRecorder()
		served.ServeHTTP(w, httptest.NewRequest(step.method, "/api/users/", http.NoBody))
		if w.Code != step.want {
			t.Errorf("%s: got %d %s, want %d", step.method, w.Code, w.Body, step.want)
		}
	}
}
