package cli_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"roster/internal/cli"
)

// onTerminal runs a command whose outputs are a terminal, and returns its status
// and what is to be seen there.
func onTerminal(t *testing.T, environ []string, args ...string) (status int, seen string) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = screen.Close() }()
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		all, _ := io.ReadAll(screen) // it fails once the other end is closed
		read <- string(all)
	}()
	status = cli.Main(t.Context(), args, append(environ, "LOG_DIR="), cli.Stdio{In: strings.NewReader(""), Out: terminal, Err: terminal})
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
	return status, <-read
}

// A report shows its verdict once on a terminal; to a user who redirects the report
// elsewhere the error says it again.
func TestReports_VerdictOnce(t *testing.T) {
	t.Parallel()
	environ := []string{"API_PERMISSION=AllowAny", "DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")}
	if status, _, errs := run(t, environ, "migrate"); status != 0 {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		args    []string
		verdict string
	}{
		{[]string{"takeover", "--check", "--strict"}, "Roster can take over this database; read"},
		{[]string{"check", "--deploy"}, " for information."},
	} {
		status, seen := onTerminal(t, environ, c.args...)
		if status != 1 || strings.Count(seen, c.verdict) != 1 || strings.Contains(seen, "roster: ") {
			t.Errorf("%v on a terminal: got %d and %s, want 1 and the verdict once", c.args, status, seen)
		}
		status, out, errs := run(t, environ, c.args...)
		if status != 1 || !strings.Contains(out, c.verdict) || !strings.Contains(errs, c.verdict) {
			t.Errorf("%v: got %d, %s and %s, want 1 and the verdict on both", c.args, status, out, errs)
		}
		status, seen = onTerminal(t, environ, append(c.args, "--json")...)
		if status != 1 || !strings.Contains(seen, "\nroster: ") {
			t.Errorf("%v --json: got %d and %s, want 1 and the verdict as an error", c.args, status, seen)
		}
	}
}
