package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
)

// filled opens a file at path with much in it, and deletes that again.
func filled(t *testing.T, path string) *sqlite.Engine {
	t.Helper()
	s, err := sqlite.Open(sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, statement := range []string{
		"CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000) INSERT INTO t (x) SELECT randomblob(1000) FROM n",
		"DELETE FROM t WHERE id > 10",
	} {
		if err := sqlite.ExecOnWriter(t.Context(), s, statement); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// free returns the bytes of unused pages and of the file.
func free(t *testing.T, path string) (unused, size int64) {
	t.Helper()
	rows, err := sqlite.Query(path, "PRAGMA freelist_count")
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	pages, err := strconv.ParseInt(rows[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return pages * 4096, info.Size()
}

// A new file shrinks in small steps while it is open and written to.
func TestVacuum_Incremental(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := filled(t, path)
	unused, _ := free(t, path)
	var steps []int64
	err := sqlite.Vacuum(t.Context(), path, false, func(returned, _ int64) {
		steps = append(steps, returned)
		if err := sqlite.ExecOnWriter(t.Context(), s, "INSERT INTO t (x) VALUES ('more')"); err != nil {
			t.Error(err)
		}
	})
	if err != nil || unused < 8_000_000 || len(steps) < 4 || steps[0] > 600*4096 {
		t.Errorf("%d unused, returned %v, %v", unused, steps, err)
	}
	if left, size := free(t, path); left > 100*4096 || size > 1<<20 {
		t.Errorf("%d bytes are unused of %d", left, size)
	}
	if rows, err := sqlite.Query(path, "PRAGMA integrity_check"); err != nil || len(rows) != 1 || rows[0] != "ok" {
		t.Errorf("got %v, %v", rows, err)
	}
	if err := s.Write(t.Context(), func(sqldb.Tx) error { return nil }); err != nil {
		t.Error(err)
	}
}

// A file of Django's is rebuilt once, and then shrinks in steps too.
func TestVacuum_Full(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if _, err := sqlite.Query(path, "CREATE TABLE django (id)"); err != nil {
		t.Fatal(err)
	}
	filled(t, path)
	ignore := func(int64, int64) {}
	if err := sqlite.Vacuum(t.Context(), path, false, ignore); !errors.Is(err, sqlite.ErrNotIncremental) {
		t.Errorf("got %v", err)
	}
	if err := sqlite.Vacuum(t.Context(), path, true, ignore); err != nil {
		t.Fatal(err)
	}
	if left, size := free(t, path); left != 0 || size > 1<<20 {
		t.Errorf("%d bytes are unused of %d", left, size)
	}
	if err := sqlite.Vacuum(t.Context(), path, false, ignore); err != nil {
		t.Errorf("got %v after the rebuild", err)
	}
}

// What is stopped has returned some, and leaves the file whole.
func TestVacuum_Stopped(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	filled(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	before, _ := free(t, path)
	if err := sqlite.Vacuum(ctx, path, false, func(int64, int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := free(t, path); left == 0 || left >= before {
		t.Errorf("%d bytes are unused, of %d", left, before)
	}
}
