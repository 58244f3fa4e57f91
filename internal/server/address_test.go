package server_test

import (
	"testing"

	"roster/internal/server"
)

// The URL in the log is one that the server serves.
func TestPagesURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bind, hosts, site, want string }{
		{"127.0.0.1:8000", "", "", "http://127.0.0.1:8000/"},
		{"127.0.0.1:8000", "*", "", "http://127.0.0.1:8000/"},
		{"127.0.0.1:8000", "127.0.0.1,users.example.com", "", "http://127.0.0.1:8000/"},
		{"127.0.0.1:8000", "localhost", "", "http://localhost:8000/"},
		{"0.0.0.0:8000", "localhost", "", "http://localhost:8000/"},
		{"0.0.0.0:8000", "127.0.0.1", "", "http://127.0.0.1:8000/"},
		{"[::1]:8000", "localhost", "", "http://localhost:8000/"},
		{"[::1]:8000", "127.0.0.1", "", ""},
		{"127.0.0.1:8000", "users.example.com", "", "https://users.example.com/"},
		{"127.0.0.1:8000", "users.example.com", "https://example.com/users/", "https://example.com/users/"},
		{"0.0.0.0:8000", ".example.com", "", ""},
		{"192.0.2.1:8000", "localhost", "", ""},
	} {
		environ := []string{"ALLOWED_HOSTS=" + tt.hosts, "SITE_URL=" + tt.site}
		if got := server.PagesURL(t, tt.bind, environ...); got != tt.want {
			t.Errorf("%+v: got %q", tt, got)
		}
	}
}
