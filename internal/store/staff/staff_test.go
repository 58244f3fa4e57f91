package staff_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
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

func TestDjango_SQLite(t *testing.T) {
	t.Parallel()
	storetest.RunDjangoStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		path := filepath.Join(t.TempDir(), "django.sqlite3")
		load(t, path, storetest.DjangoOnSQLite)
		s, err := store.Open(t.Context(), store.Options{Path: path, Readers: 2})
		return migrated(t, s, err)
	})
}

// load runs a script on a new file, with the driver that is compiled in.
func load(t *testing.T, path, script string) {
	t.Helper()
	drivers := slices.DeleteFunc(sql.Drivers(), func(name string) bool { return !strings.HasPrefix(name, "sqlite") })
	db, err := sql.Open(drivers[0], path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), script)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestDjango_MySQL(t *testing.T) {
	t.Parallel()
	storetest.RunDjangoStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		o := mysqltest.NewDatabase(t)
		mysqltest.Exec(t, mysqltest.Connect(t, o.Database), storetest.DjangoOnMySQL)
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
