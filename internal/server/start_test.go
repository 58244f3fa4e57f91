package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/server"
)

// Before the database is open, clients of the API and those that ask for JSON get a
// 503 in JSON, others a page.
func TestStart_Unavailable(t *testing.T) {
	t.Parallel()
	s := server.Unopened(t, time.Hour)
	tests := []struct {
		path, accept, contentType string
	}{
		{"/api/users/", "", "application/json"},
		{"/api/users/", "*/*", "application/json"},
		{"/api/users/", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"},
		{"/users/", "application/json", "application/json"},
		{"/users/", "*/*", "text/html; charset=utf-8"},
		{"/users/", "", "text/html; charset=utf-8"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, tt.path, http.NoBody)
		if tt.accept != "" {
			r.Header.Set("Accept", tt.accept)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusServiceUnavailable || got != tt.contentType || w.Header().Get("Retry-After") != "1" {
			t.Errorf("%s, Accept %q: got %d %s, want 503 as %s", tt.path, tt.accept, w.Code, got, tt.contentType)
		}
		if strings.HasPrefix(tt.contentType, "application/json") && w.Body.String() != `{"detail":"The service is starting. Try again in a moment."}` {
			t.Errorf("got %s", w.Body)
		}
	}
}

// A request waits for a database that opens within two seconds of the start.
func TestStart_Waits(t *testing.T) {
	t.Parallel()
	begun, w := time.Now(), httptest.NewRecorder()
	server.Unopened(t, 0).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/", http.NoBody))
	if took := time.Since(begun); w.Code != http.StatusServiceUnavailable || took < 2*time.Second {
		t.Errorf("got %d after %s, want 503 after two seconds", w.Code, took)
	}
	s := server.Unopened(t, -time.Hour)
	waiting, done := make(chan struct{}), make(chan int)
	go func() {
		close(waiting)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/", http.NoBody))
		done <- w.Code
	}()
	<-waiting
	s.Open(t)
	if got := <-done; got != http.StatusOK {
		t.Errorf("got %d, want the answer once the database is open", got)
	}
}

// A body with a coding is refused as such by every door.
func TestServe_ContentEncoding(t *testing.T) {
	t.Parallel()
	s := server.Serve(t, "127.0.0.1:0", "DB_NAME="+t.TempDir()+"/db.sqlite3", "LOG_DIR=")
	for path, contentType := range map[string]string{"/api/users/": "application/json", "/admin/login/": "application/x-www-form-urlencoded"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("\x1f\x8b"))
		r.Header.Set("Content-Encoding", "gzip")
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusUnsupportedMediaType || !strings.Contains(w.Body.String(), "Content-Encoding") {
			t.Errorf("%s: got %d %.200s, want 415 that names the header", path, w.Code, w.Body)
		}
	}
}
