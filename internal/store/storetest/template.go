package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
)

// Migrating a database takes longer than most tests, so each program of tests
// does it once an engine, and copies the result.

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

// NewDatabase returns how to reach a new MySQL database with all tables and no
// rows. It is dropped when the test ends.
func NewDatabase(tb testing.TB) store.MySQLOptions {
	tb.Helper()
	statements := migratedDatabase(tb)
	o := mysqltest.NewDatabase(tb)
	mysqltest.Admin(tb, "USE "+o.Database+"; "+statements)
	return o
}

// schema is what migratedDatabase returns, once a test has asked for it.
var schema struct {
	sync.Mutex

	statements string
}

// migratedDatabase returns the statements that make an empty, migrated MySQL
// database, as the server prints them.
func migratedDatabase(tb testing.TB) string {
	tb.Helper()
	schema.Lock()
	defer schema.Unlock()
	if schema.statements == "" {
		schema.statements = readSchema(tb)
	}
	return schema.statements
}

func readSchema(tb testing.TB) string {
	tb.Helper()
	o := mysqltest.NewDatabase(tb)
	s, err := store.OpenMySQL(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
	db := mysqltest.Connect(tb, o.Database)
	all := []string{"SET foreign_key_checks = 0"} // tables refer to later ones
	tables := mysqltest.Rows(tb, db, "SHOW TABLES")
	for _, table := range tables {
		_, statement, _ := strings.Cut(mysqltest.Rows(tb, db, "SHOW CREATE TABLE "+table)[0], "|")
		all = append(all, statement)
	}
	for _, table := range tables {
		columns := mysqltest.Rows(tb, db, "SELECT CONCAT('QUOTE(`', COLUMN_NAME, '`)') FROM information_schema.COLUMNS"+
			" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '"+table+"' ORDER BY ORDINAL_POSITION")
		for _, row := range mysqltest.Rows(tb, db, fmt.Sprintf("SELECT CONCAT_WS(', ', %s) FROM %s", strings.Join(columns, ", "), table)) {
			all = append(all, fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, row))
		}
	}
	for _, trigger := range mysqltest.Rows(tb, db, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()") {
		parts := strings.Split(mysqltest.Rows(tb, db, "SHOW CREATE TRIGGER "+trigger)[0], "|") // name, mode, statement
		all = append(all, parts[2])
	}
	return strings.Join(all, ";\n")
}
