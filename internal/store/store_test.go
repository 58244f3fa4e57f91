package store_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore_SQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, 1, func(t *testing.T) user.Store {
		t.Helper()
		return openSQLite(t)
	})
}

func TestStore_MySQL(t *testing.T) {
	t.Parallel()
	storetest.Run(t, 6, func(t *testing.T) user.Store {
		t.Helper()
		o := storetest.NewDatabase(t)
		o.PoolSize, o.MaxOverflow = 4, 2
		return openMySQL(t, o)
	})
}

func openSQLite(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: storetest.MigratedFile(t), Readers: 2})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	closeAfter(t, s)
	return s
}

func openMySQL(t testing.TB, o store.MySQLOptions) *store.Store {
	t.Helper()
	s, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatalf("OpenMySQL: %v", err)
	}
	closeAfter(t, s)
	return s
}

func closeAfter(t testing.TB, s *store.Store) {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func migrated(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("Migrate: %v", err)
	}
	return s
}

// noon is when the tests of accounts and tasks begin.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

// wantKind checks the kind of an error.
func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("got error %v of kind %d, want kind %d", err, fault.KindOf(err), want)
	}
}

// someone returns a user of that name.
func someone(name string) user.User {
	at := time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC)
	return user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: at, UpdatedAt: at}
}

// insert stores a user and returns the id.
func insert(t *testing.T, s *store.Store, u user.User) (id int64, err error) {
	t.Helper()
	err = s.InTx(t.Context(), func(tx user.Tx) error {
		stored, err := tx.InsertUser(u)
		id = stored.ID
		return err
	})
	return id, err
}
