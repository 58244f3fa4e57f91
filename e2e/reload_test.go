package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestServe_Hangup: SIGHUP reads the log levels again, keeps them if the settings are
// invalid, and ends nothing.
func TestServe_Hangup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir)
	env := filepath.Join(dir, ".env")
	change := func(settings, logged string) {
		t.Helper()
		if err := os.WriteFile(env, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		s.signal(syscall.SIGHUP)
		eventually(t, patience, logged, func() bool { return strings.Contains(s.logged(), logged) })
	}
	probed := func() bool {
		t.Helper()
		if status, _ := s.call(http.MethodGet, "/healthz", ""); status != http.StatusOK {
			t.Fatalf("got %d", status)
		}
		return strings.Contains(s.logged(), "path=/healthz")
	}
	if probed() {
		t.Error("probes are logged at INFO")
	}
	change("LOG_LEVELS=http=LOUD\n", "settings were not read again")
	change("LOG_LEVELS=http=DEBUG\n", "log levels were read again")
	eventually(t, patience, "probes to be logged at DEBUG", probed)
}
