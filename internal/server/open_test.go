package server_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"roster/internal/server"
)

// On loopback, anonymous requests reach the API and the pages of users only
// while neither a setting nor the request says that others connect.
func TestServe_OpenToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		setting, header string
		want            int
	}{
		{"PAGE_SIZE=10", "", http.StatusOK},
		{"ALLOWED_HOSTS=example.com", "", http.StatusForbidden},
		{"TRUSTED_PROXIES=127.0.0.1", "", http.StatusForbidden},
		{"PAGE_SIZE=10", "X-Forwarded-For", http.StatusForbidden},
		{"PAGE_SIZE=10", "Forwarded", http.StatusForbidden},
		{"PAGE_SIZE=10", "Via", http.StatusForbidden},
		{"API_PERMISSION=AllowAny", "X-Forwarded-For", http.StatusOK},
	} {
		h := server.Serve(t, "127.0.0.1:8000", "LOG_DIR=", "LOG_LEVEL=CRITICAL", "DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"), tt.setting)
		for _, path := range []string{"/api/users/", "/users/"} {
			r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
			if tt.header != "" {
				r.Header.Set(tt.header, "192.0.2.1")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("%s with %s %s: got %d, want %d", path, tt.setting, tt.header, w.Code, tt.want)
			}
		}
	}
}
