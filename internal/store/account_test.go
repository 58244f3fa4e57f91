package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
)

func TestStaff_SQLite(t *testing.T) {
	t.Parallel()
	storetest.RunStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		return openSQLite(t)
	})
}

func TestStaff_MySQL(t *testing.T) {
	t.Parallel()
	storetest.RunStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		o := mysqltest.NewDatabase(t)
		o.PoolSize, o.MaxOverflow = 4, 2
		return migrated(t, openMySQL(t, o))
	})
}

func TestStaff_DjangoSQLite(t *testing.T) {
	t.Parallel()
	storetest.RunDjangoStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		path := filepath.Join(t.TempDir(), "django.sqlite3")
		load(t, path, storetest.DjangoOnSQLite)
		s, err := store.Open(t.Context(), store.Options{Path: path, Readers: 2})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, s)
		return migrated(t, s)
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

func TestStaff_DjangoMySQL(t *testing.T) {
	t.Parallel()
	storetest.RunDjangoStaff(t, func(t *testing.T) storetest.Staff {
		t.Helper()
		o := mysqltest.NewDatabase(t)
		mysqltest.Exec(t, mysqltest.Connect(t, o.Database), storetest.DjangoOnMySQL)
		return migrated(t, openMySQL(t, o))
	})
}
