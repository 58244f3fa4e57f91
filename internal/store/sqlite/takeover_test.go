package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/finding"
	"roster/internal/store/examine"
	"roster/internal/store/sqlite"
	"roster/internal/store/storetest"
	"roster/internal/takeover"
)

var update = flag.Bool("update", false, "update the golden files")

// database returns what takeover sees of a file.
func database(t *testing.T, path string) (d takeover.Database) {
	t.Helper()
	err := examine.SQLite(t.Context(), path, func(ctx context.Context, source takeover.Source) (err error) {
		d, err = source.Database(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// report returns what takeover finds in a file.
func report(t *testing.T, path string) (r takeover.Report) {
	t.Helper()
	err := examine.SQLite(t.Context(), path, func(ctx context.Context, source takeover.Source) (err error) {
		r, err = takeover.Inspect(ctx, source, storetest.TakeoverOptions)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTakeover_Expects compares what takeover expects with what Django made.
func TestTakeover_Expects(t *testing.T) {
	t.Parallel()
	storetest.WantExpected(t, *update, takeover.SQLite, database(t, djangoFile(t)).Tables)
	ours := filepath.Join(t.TempDir(), "ours")
	openMigrated(t, ours)
	storetest.WantExpected(t, *update, takeover.SQLite, database(t, ours).Tables)
}

func TestTakeover_Report(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	storetest.WantReport(t, *update, "takeover-healthy", report(t, path))
	if err := sqlite.Load(path, storetest.SickOnSQLite); err != nil {
		t.Fatal(err)
	}
	storetest.WantReport(t, *update, "takeover-sick", report(t, path))
}

// TestTakeover_WritesNothing looks at a file in either journal mode, also where
// SQLite cannot make the files beside it that it shares with writers.
func TestTakeover_WritesNothing(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(path string){
		"as Django leaves it": func(string) {},
		"with WAL":            func(path string) { runSQL(t, path, "PRAGMA journal_mode = wal") },
		"with WAL, in a folder that takes no files": func(path string) {
			runSQL(t, path, "PRAGMA journal_mode = wal")
			if err := os.Mkdir(path+"-shm", 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		path := djangoFile(t)
		prepare(path)
		before := bytesOf(t, path)
		if r := report(t, path); r.Findings.Count(finding.Error) != 0 || len(r.Findings) < 10 {
			t.Errorf("%s: got %d errors in %d findings, want none", name, r.Findings.Count(finding.Error), len(r.Findings))
		}
		if !bytes.Equal(before, bytesOf(t, path)) {
			t.Errorf("%s: the file changed", name)
		}
	}
}

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestTakeover_BesideWriters has another program hold the lock for writing, as
// Django does while it saves.
func TestTakeover_BesideWriters(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	openMigrated(t, path)
	unlock, err := sqlite.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if r := report(t, path); r.Findings.Count(finding.Error) != 0 {
		t.Errorf("got %v, want no error", r.Findings)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

func TestTakeover_Refusals(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(folder, "none"): "there is no file",
		folder:                        "is a directory, not a file",
		text:                          "is not a SQLite database",
	} {
		err := examine.SQLite(t.Context(), path, func(context.Context, takeover.Source) error { return nil })
		if err == nil || !strings.HasPrefix(err.Error(), "DB_NAME: ") || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want DB_NAME, the file and %q", path, err, want)
		}
	}
}

// TestTakeover_ManyRows has more rows than are read at once.
func TestTakeover_ManyRows(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	runSQL(t, path, "WITH RECURSIVE n(i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM n LIMIT 2500)"+
		" INSERT INTO t_users (id, username, email, is_active, created_at, updated_at)"+
		" SELECT i, 'many' || i, 'many' || i || '@example.com', 1, '2026-11-23 10:00:00', '2026-11-23 10:00:00' FROM n")
	var got []int64
	err := examine.SQLite(t.Context(), path, func(ctx context.Context, source takeover.Source) error {
		return source.Each(ctx, "t_users", []string{"username"}, func(row takeover.Row) error {
			got = append(got, row.ID)
			return nil
		})
	})
	if err != nil || len(got) != 2797 || !slices.IsSorted(got) {
		t.Errorf("got %d rows, in order: %v, %v; want 2797", len(got), slices.IsSorted(got), err)
	}
	stop := errors.New("enough")
	err = examine.SQLite(t.Context(), path, func(ctx context.Context, source takeover.Source) error {
		return source.Each(ctx, "t_users", nil, func(takeover.Row) error { return stop })
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the visit", err)
	}
}

// TestTakeover_Searches looks for the triggers before and after they are made.
func TestTakeover_Searches(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	if found := takeover.JudgeSearches(database(t, path)); len(found) != 1 || found[0].Count != 2 {
		t.Errorf("got %+v, want both triggers missing", found)
	}
	if err := s.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := takeover.JudgeSearches(database(t, path)); len(found) != 0 {
		t.Errorf("with the triggers of the index: got %+v, want nothing said", found)
	}
}
