package cli_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/cli"
	"roster/internal/finding"
	"roster/internal/takeover"
)

var update = flag.Bool("update", false, "update the golden files")

// findings are one of each severity, with texts that need several lines.
var findings = finding.List{
	{
		ID: "users.email.duplicate", Severity: finding.Error, Title: "Several users have the same e-mail address except for case",
		Detail: strings.Repeat("Addresses are stored in lower case. ", 5), Remedy: "Give each of these users another address.",
		Count: 2, Examples: []string{"1, 2", "7, 8, 9"},
	},
	{ID: "users.invalid.phone", Severity: finding.Warning, Title: "The phone of users breaks a rule", Detail: "Überlänge.", Count: 1, Examples: []string{"3 (\x1b[2J\u202eevil)"}},
	{ID: "users.count", Severity: finding.Info, Title: "Users", Detail: strings.Repeat("x", 150) + " and more"},
}

func TestTakeover_Text(t *testing.T) {
	t.Parallel()
	for name, found := range map[string]finding.List{"takeover-sick.txt": findings, "takeover-healthy.txt": nil} {
		got := cli.ReportText(takeover.Report{Engine: "sqlite", Version: "3.50.4", Findings: found})
		wantGolden(t, name, got)
	}
}

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func TestTakeover_WrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"takeover"}, {"takeover", "--json"}, {"takeover", "--strict"}} {
		status, out, errs := run(t, nil, args...)
		if status != 2 || out != "" || !strings.Contains(errs, "--check") || strings.Count(errs, "\n") != 1 {
			t.Errorf("roster %q: got %d, %q, %q; want 2 and one line that names --check", args, status, out, errs)
		}
	}
}

// TestTakeover_NoDjango looks at a file without any table of Django's.
func TestTakeover_NoDjango(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	environ := []string{"DB_NAME=" + path}
	if status, out, errs := run(t, environ, "takeover", "--check"); status != 1 || out != "" || !strings.Contains(errs, "there is no file "+path) {
		t.Errorf("no file: got %d, %q, %q", status, out, errs)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := run(t, environ, "takeover", "--check", "--json")
	var report struct {
		Ready    bool
		Findings []struct{ ID, Severity string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if status != 1 || report.Ready || len(report.Findings) != 1 || report.Findings[0].ID != "schema.empty" {
		t.Errorf("empty file: got %d, %s, %q", status, out, errs)
	}
	if want := "roster: 1 error must be fixed before Roster can take over this database.\n"; errs != want {
		t.Errorf("got %q, want %q", errs, want)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file was written: %v, %v", info, err)
	}
}
