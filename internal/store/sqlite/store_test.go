package sqlite_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestMain(m *testing.M) {
	if words := os.Getenv(childVariable); words != "" {
		if err := runChild(words); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// openNew returns a migrated store on a new file.
func openNew(t testing.TB) *store.Store {
	t.Helper()
	return open(t, storetest.MigratedFile(t))
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
	file, err := sqlite.Open(sqlite.Options{Path: path, Readers: 2})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	s, err := store.OnSQLite(t.Context(), file)
	if err != nil {
		t.Fatalf("OnSQLite: %v", err)
	}
	engines.Store(s, file)
	t.Cleanup(func() {
		engines.Delete(s)
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// engines holds the files of the open stores.
var engines sync.Map

// engineOf returns the file of a store that open has opened.
func engineOf(t testing.TB, s *store.Store) *sqlite.Engine {
	t.Helper()
	file, _ := engines.Load(s)
	e, ok := file.(*sqlite.Engine)
	if !ok {
		t.Fatal("the store was not opened by open")
	}
	return e
}

// someone returns a user of that name.
func someone(name string) user.User {
	at := time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC)
	return user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: at, UpdatedAt: at}
}

// insertOne stores a user whose name follows from n.
func insertOne(t testing.TB, s *store.Store, n int) error {
	t.Helper()
	return s.InTx(t.Context(), func(tx user.Tx) error {
		_, err := tx.InsertUser(someone(fmt.Sprint("user", n)))
		return err
	})
}

func wantCounts(t testing.TB, s *store.Store, total, active int64) {
	t.Helper()
	if got, err := s.CountUsers(t.Context(), user.Query{}); err != nil || got != total {
		t.Errorf("CountUsers: got %d, %v; want %d", got, err, total)
	}
	if got, err := s.CountActiveUsers(t.Context()); err != nil || got != active {
		t.Errorf("CountActiveUsers: got %d, %v; want %d", got, err, active)
	}
}

func wantUnavailable(t testing.TB, err error) {
	t.Helper()
	if err == nil || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want an error of kind Unavailable", err)
	}
}
