package cli_test

import (
	"bytes"
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

// A backup goes through a pipe: nothing else is on standard output, and what
// comes from standard input is checked as a whole before anything is changed.
func TestBackup_ThroughAPipe(t *testing.T) {
	t.Parallel()
	for engine, environ := range databases(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			environ := append(environ, "BACKUP_KEY="+strings.Repeat("b", 20))
			status, archive, errs := pipe(t, environ, nil, "backup", "-")
			if status != 0 || !bytes.HasPrefix(archive, []byte("roster-backup 1\n")) || !strings.HasPrefix(errs, "written, not read back: 0 users, ") ||
				!strings.Contains(errs, ", encrypted, ") || strings.Count(errs, "\n") != 1 {
				t.Fatalf("got %d, %.40q, %s", status, archive, errs)
			}
			_, said, _ := strings.Cut(errs, ": ")
			if status, out, errs := pipe(t, environ, archive, "backup", "--verify", "-"); status != 0 || string(out) != "whole: "+said {
				t.Errorf("got %d, %s, %s, want what was written: %s", status, out, errs, said)
			}
			to := append(elsewhere(t, environ), "BACKUP_KEY="+strings.Repeat("b", 20))
			cut := archive[:len(archive)-1]
			if status, _, errs := pipe(t, to, cut, "restore", "-"); status != 1 || !strings.Contains(errs, "standard input: the file is damaged or cut short") {
				t.Errorf("got %d, %s of half a backup", status, errs)
			}
			if status, out, errs := pipe(t, to, archive, "restore", "-"); status != 0 || string(out) != "restored: "+said {
				t.Errorf("got %d, %s, %s, want restored: %s", status, out, errs, said)
			}
			if status, out, errs := pipe(t, to, nil, "migrate"); status != 0 || string(out) != "nothing to do\n" {
				t.Errorf("got %d, %s, %s of what was restored", status, out, errs)
			}
			if name, onFile := strings.CutPrefix(to[0], "DB_NAME="); onFile {
				left, err := filepath.Glob(filepath.Join(filepath.Dir(name), "roster-restore-*"))
				if err != nil || len(left) > 0 {
					t.Errorf("got %v, %v left behind", left, err)
				}
			}
		})
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
		{[]string{"backup", "--force", "-"}, "", "standard output is no file, so that --force has no meaning with -"},
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
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file named -")
	}
}
