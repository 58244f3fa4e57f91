package storetest

import (
	_ "embed"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// DjangoOnSQLite is the SQL of a SQLite database that Django 4.2 and
// django-celery-beat 2.5 have made and used: some 300 users, staff accounts
// with passwords in several forms, groups, log entries and schedules.
//
//go:embed testdata/django-sqlite.sql
var DjangoOnSQLite string

// DjangoOnMySQL is the same on MySQL.
//
//go:embed testdata/django-mysql.sql
var DjangoOnMySQL string

// SickOnSQLite is SQL that spoils a database of DjangoOnSQLite in every way
// that takeover looks for.
//
//go:embed testdata/sick-sqlite.sql
var SickOnSQLite string

// SickOnMySQL is the same for one of DjangoOnMySQL.
//
//go:embed testdata/sick-mysql.sql
var SickOnMySQL string

// Migrations returns the names of the migrations in the folder named, sqlite or
// mysql, in order.
func Migrations(t testing.TB, engine string) []string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(file), "..", "migrations")
	names, err := fs.Glob(os.DirFS(folder), engine+"/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no migrations: %v", folder, err)
	}
	for i, name := range names {
		names[i] = filepath.Base(name)
	}
	return names
}
