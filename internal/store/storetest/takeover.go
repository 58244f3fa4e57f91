package storetest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/finding"
	"roster/internal/takeover"
)

// TakeoverOptions are those that the tests of takeover judge with.
var TakeoverOptions = takeover.Options{Recycle: 24 * time.Hour, Now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Kinds: []string{"noop"}}

// WantExpected compares the tables that a database of Django's has with those
// that takeover expects, or with update has it expect these.
func WantExpected(t *testing.T, update bool, engine string, tables map[string]takeover.Table) {
	t.Helper()
	tables = maps.Clone(tables)
	delete(tables, "django_migrations")
	maps.DeleteFunc(tables, func(name string, _ takeover.Table) bool { return strings.HasPrefix(name, "roster_") })
	got, err := json.MarshalIndent(tables, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	wantGolden(t, update, filepath.Join("..", "examine", "schema", engine+".json"), append(got, '\n'))
}

// isOfServer reports whether a finding is about the server of the tests, which
// may be any.
func isOfServer(f finding.Finding) bool {
	return strings.HasPrefix(f.ID, "mysql.") && f.ID != "mysql.storage" && f.ID != "mysql.charset"
}

// WantReport compares a report, but for what it says of the server, with the
// golden file of that name, or with update rewrites it.
func WantReport(t *testing.T, update bool, name string, report takeover.Report) {
	t.Helper()
	report.Version = "*"
	report.Findings = slices.DeleteFunc(report.Findings, isOfServer)
	got, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	wantGolden(t, update, filepath.Join("testdata", name+".json"), append(got, '\n'))
}

func wantGolden(t *testing.T, update bool, path string, got []byte) {
	t.Helper()
	if update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("%s:%d: got\n%s\nwant\n%s\n(-update rewrites the file)", path, i+1, gotLines[i], wantLines[i])
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Errorf("%s: got %d lines, want %d (-update rewrites the file)", path, len(gotLines), len(wantLines))
	}
}
