package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("ROSTER_STORE_TEST_CHILD"); child != "" {
		os.Exit(runChild(child))
	}
	goleak.VerifyTestMain(m)
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) user.Store { return openNew(t) })
}

// openNew returns a migrated store on a new file.
func openNew(t testing.TB) *store.Store {
	t.Helper()
	return openMigrated(t, filepath.Join(t.TempDir(), "db.sqlite3"))
}

// openMigrated returns a migrated store on the file at path.
func openMigrated(t testing.TB, path string) *store.Store {
	t.Helper()
	s := open(t, path)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("Migrate: %v", err)
	}
	return s
}

// open returns a store on the file at path, to be closed when the test ends.
func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path, Readers: 2})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func runChild(string) int { return 0 }
