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

func TestStaff(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			runStaff(t, open)
		})
	}
}

func TestStaff_DjangoSQLite(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	path := filepath.Join(t.TempDir(), "django.sqlite3")
	load(t, path, storetest.DjangoOnSQLite)
	s, err := store.Open(t.Context(), store.Options{Path: path, Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	runDjangoStaff(t, migrated(t, s))
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

func TestStaff_DjangoMySQL(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	mysqltest.Exec(t, mysqltest.Connect(t, o.Database), storetest.DjangoOnMySQL)
	runDjangoStaff(t, migrated(t, openMySQL(t, o)))
}

// Without the unique key of the column, a name stands for no more than one
// account: that of exactly this name, or none.
func TestStaff_NamesWithoutKey_MySQL(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	db := mysqltest.Connect(t, o.Database)
	mysqltest.Exec(t, db, storetest.DjangoOnMySQL)
	s := migrated(t, openMySQL(t, o))
	mysqltest.Exec(t, db, "ALTER TABLE auth_user DROP INDEX username;"+
		"INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)"+
		" VALUES ('!', 0, 'Boss', '', '', '', 1, 1, '2026-11-23')")
	for name, want := range map[string]string{"boss": "boss", "Boss": "Boss", "BOSS": "", "editor": "editor", "EDITOR": "editor"} {
		if a, err := s.FindAccountNamed(t.Context(), name); a.Username != want || (want == "") != (err != nil) {
			t.Errorf("%s: got %q, %v, want %q", name, a.Username, err, want)
		}
	}
}
