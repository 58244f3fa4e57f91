package e2e_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// startOnSocket starts a server on a Unix socket, and returns once it is ready.
func startOnSocket(t *testing.T, dir, path string) *server {
	t.Helper()
	s := startFollowed(t, roster(t, dir, []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "ALLOWED_HOSTS=users.example.com", signing}, "serve", "--bind", "unix:"+path))
	eventually(t, patience, "the server to be ready: "+s.logged(), func() bool {
		return roster(t, dir, nil, "healthcheck", "unix:"+path).Run() == nil
	})
	return s
}

// TestServe_UnixSocket: a server on a Unix socket believes the proxy that connects
// there, takes over a socket that a killed one left, and leaves other files alone.
func TestServe_UnixSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "web.sock")
	startOnSocket(t, dir, path).kill()
	startOnSocket(t, dir, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("got %v, %v, want a socket for owner and group", info.Mode(), err)
	}
	client := http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://users.example.com/api/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	r.Header.Set("X-Forwarded-Prefix", "/roster")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if want := `{"users":"https://users.example.com/roster/api/users/"}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	for what, path := range map[string]string{"another server uses it": path, "not a socket": filepath.Join(dir, "db.sqlite3")} {
		out, err := roster(t, t.TempDir(), []string{"ALLOWED_HOSTS=users.example.com", signing}, "serve", "--bind", "unix:"+path).CombinedOutput()
		if _, statErr := os.Stat(path); err == nil || !strings.Contains(string(out), what) || statErr != nil {
			t.Errorf("%s: got %q, %v, want a refusal", what, out, err)
		}
	}
}

// TestMySQL_UnixSocket: DB_HOST may be the path of a Unix socket.
func TestMySQL_UnixSocket(t *testing.T) {
	t.Parallel()
	shared := sharedMySQL(t)
	database, db := shared.newDatabase(), shared.open("")
	defer func() { _ = db.Close() }()
	var dir, socket string
	if err := db.QueryRowContext(t.Context(), "SELECT @@datadir, @@socket").Scan(&dir, &socket); err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(socket) {
		socket = filepath.Join(dir, socket)
	}
	s := startServer(t, t.TempDir(), append(database.settings, "DB_HOST="+socket)...)
	s.create("ada")
	if n := s.number("/api/users/", "count"); n != 1 {
		t.Errorf("got %d users, want 1", n)
	}
}
