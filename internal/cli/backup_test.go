package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/internal/backup"
	"roster/internal/cli"
	"roster/internal/store/mysqltest"
)

// pipe runs a command between standard input and output.
func pipe(t *testing.T, environ []string, in []byte, args ...string) (status int, out []byte, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = cli.Main(t.Context(), args, append(slices.Clone(environ), "LOG_DIR="), cli.Stdio{In: bytes.NewReader(in), Out: &stdout, Err: &stderr})
	return status, stdout.Bytes(), stderr.String()
}

// elsewhere returns the settings of an empty database on the engine of environ.
func elsewhere(t *testing.T, environ []string) []string {
	t.Helper()
	if !slices.Contains(environ, "DB_ENGINE=mysql") {
		return []string{"DB_NAME=" + filepath.Join(t.TempDir(), "restored.sqlite3")}
	}
	o := mysqltest.NewDatabase(t)
	return []string{"DB_ENGINE=mysql", "DB_NAME=" + o.Database, "DB_USER=" + o.User, "DB_PASSWORD=" + o.Password, "DB_HOST=" + o.Host,
		"DB_PORT=" + strconv.Itoa(o.Port), "SECRET_KEY=" + strings.Repeat("k", 32)}
}

// wantPipe runs a command as pipe does, and checks its status and how what it says
// begins.
func wantPipe(t *testing.T, environ []string, in []byte, want string, args ...string) {
	t.Helper()
	status, out, errs := pipe(t, environ, in, args...)
	if got := fmt.Sprintf("%d %s%s", status, out, errs); !strings.HasPrefix(got, want) {
		t.Errorf("%v: got %s, want %s", args, got, want)
	}
}

// A backup goes through a pipe: nothing else is on standard output, and what
// comes from standard input is checked as a whole before anything is changed.
func TestBackup_ThroughAPipe(t *testing.T) {
	t.Parallel()
	key := "BACKUP_KEY=" + strings.Repeat("b", 20)
	for engine, environ := range databases(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			from, to := append(environ, key), append(elsewhere(t, environ), key)
			status, archive, errs := pipe(t, from, nil, "backup", "-")
			said, begun := strings.CutPrefix(errs, "written, not read back: ")
			if status != 0 || !begun || !strings.Contains(said, ", encrypted, ") || !bytes.HasPrefix(archive, []byte("roster-backup 1\n")) {
				t.Fatalf("got %d, %.40q, %s", status, archive, errs)
			}
			wantPipe(t, from, archive, "0 whole: "+said, "backup", "--verify", "-")
			wantPipe(t, to, archive[:len(archive)-1], "1 roster: standard input: the file is damaged or cut short", "restore", "-")
			wantPipe(t, to, archive, "0 restored: "+said, "restore", "-")
			wantPipe(t, to, nil, "0 nothing to do\n", "migrate")
			wantNoCopy(t, to[0])
		})
	}
}

// wantNoCopy checks that nothing is left beside a SQLite file of what was read
// from standard input.
func wantNoCopy(t *testing.T, setting string) {
	t.Helper()
	name, onFile := strings.CutPrefix(setting, "DB_NAME=")
	if !onFile {
		return
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(name), "roster-restore-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("got %v, %v left behind", left, err)
	}
}

// packed returns a whole backup of nothing, with that header.
func packed(t *testing.T, h backup.Header) string {
	t.Helper()
	var out strings.Builder
	_, err := backup.Write(&out, h, backup.Key{}, func(io.Writer) (map[string]int64, error) { return map[string]int64{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestBackup_PipeRefusals(t *testing.T) {
	t.Parallel()
	settings := []string{"DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")}
	if status, _, errs := pipe(t, settings, nil, "migrate"); status != 0 {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		args []string
		in   string
		want string
	}{
		{[]string{"backup", "--force", "-"}, "", "--force cannot be combined with -, standard output"},
		{[]string{"backup", "--verify", "-"}, "", "standard input: the file is not a backup of Roster"},
		{[]string{"restore", "-"}, "SQLite format 3", "standard input: the file is not a backup of Roster"},
		{[]string{"restore", "-"}, packed(t, backup.Header{Engine: "mysql", Schema: 1}),
			"standard input is a backup of mysql, and DB_ENGINE is sqlite: a backup is restored to the engine it was made on"},
		{[]string{"restore", "-"}, packed(t, backup.Header{Engine: "sqlite", Schema: 999}),
			"standard input: the file was written by a newer version of Roster (its schema is 999; this one knows "},
		{[]string{"restore", filepath.Join(t.TempDir(), "none")}, "", "no such file"},
	} {
		status, out, errs := pipe(t, settings, []byte(c.in), c.args...)
		if status == 0 || !strings.Contains(errs, c.want) || strings.HasPrefix(string(out), "roster-backup") {
			t.Errorf("%v: got %d, %q, %q, want %q", c.args, status, out, errs, c.want)
		}
	}
	none := []string{"DB_NAME=" + filepath.Join(t.TempDir(), "none", "db.sqlite3")}
	wantPipe(t, none, nil, "1 roster: DB_NAME: cannot store standard input: ", "restore", "-")
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file named -")
	}
}
