package staff_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStaff_SQLite(t *testing.T) {
	t.Parallel()
	storetest.RunStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "db.sqlite3"), Readers: 2})
		return migrated(t, s, err)
	})
}

func TestStaff_MySQL(t *testing.T) {
	t.Parallel()
	storetest.RunStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		o := mysqltest.NewDatabase(t)
		o.PoolSize, o.MaxOverflow = 4, 2
		s, err := store.OpenMySQL(t.Context(), o)
		return migrated(t, s, err)
	})
}

func migrated(t *testing.T, s *store.Store, err error) storetest.Staff {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Staff()
}
