package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"roster/internal/store"
)

// Migrating a file takes longer than most tests, so each program of tests does it
// once, and copies the result.

// MigratedFile returns the path of a new SQLite file with all tables and no
// rows. It is removed when the test ends.
func MigratedFile(tb testing.TB) string {
	tb.Helper()
	content, err := migratedFile()
	if err != nil {
		tb.Fatalf("migrating a file: %v", err)
	}
	path := filepath.Join(tb.TempDir(), "db.sqlite3")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// migratedFile returns the content of an empty, migrated SQLite file.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "roster-template")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the operating system cleans up what remains
	path := filepath.Join(dir, "db.sqlite3")
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		return nil, err
	}
	_, err = s.Migrate(ctx)
	if closing := s.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
