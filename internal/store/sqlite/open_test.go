package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestOpen_Refusals(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	table := func(name, statement string) string {
		path := filepath.Join(folder, name)
		if _, err := sqlite.Query(path, statement); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer := filepath.Join(folder, "newer")
	if err := openMigrated(t, newer).Close(); err != nil {
		t.Fatal(err)
	}
	table("newer", "INSERT INTO roster_migrations (version_id, is_applied) VALUES (1000, 1)")
	for _, c := range []struct{ path, want string }{
		{filepath.Join(folder, "none", "db"), "its directory does not exist"},
		{folder, "is a directory, not a file"},
		{"/dev/null", "is not a regular file"},
		{"/proc/db.sqlite3", "cannot create /proc/db.sqlite3"},
		{write("five", "hello"), "is not a SQLite database"},
		{write("text", strings.Repeat("no database\n", 1000)), "is not a SQLite database"},
		{write("header", "SQLite format 3\x00"+strings.Repeat("x", 5000)), "is not a SQLite database"},
		{table("lacks", "CREATE TABLE t_users (id integer PRIMARY KEY, username text, email text, first_name text, last_name text, is_active bool, created_at datetime, updated_at datetime)"),
			"lacks phone, address"},
		{table("foreign", "CREATE TABLE t_users (id integer PRIMARY KEY, username text, email text, first_name text, last_name text, phone text, address text, is_active bool, created_at datetime, updated_at datetime, shoe_size integer NOT NULL DEFAULT NULL, hat text NOT NULL, coat text NOT NULL DEFAULT '', cane text)"),
			"does not know and that have no default: shoe_size, hat; give each a default or allow NULL, or move it to another table"},
		{newer, fmt.Sprintf("a newer version of Roster has migrated it (to 1000; this one knows %d)", len(storetest.Migrations(t, "sqlite")))},
	} {
		before, _ := os.ReadFile(c.path)
		s, err := store.Open(t.Context(), store.Options{Path: c.path})
		if err == nil {
			t.Errorf("%s: got no error, want one with %q", c.path, c.want)
			_ = s.Close()
			continue
		}
		text := err.Error()
		if !strings.HasPrefix(text, "DB_NAME: ") || !strings.Contains(text, c.want) || !strings.Contains(text, c.path) || strings.Contains(text, "\n") {
			t.Errorf("got %q, want one line with DB_NAME, the file and %q", text, c.want)
		}
		if after, _ := os.ReadFile(c.path); !strings.HasPrefix(filepath.Base(c.path), "newer") && c.path != folder && len(after) != len(before) {
			t.Errorf("%s: the file was changed", c.path)
		}
	}
}

func TestOpen_NewFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b%20c?d#e'f.sqlite3")
	openMigrated(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", suffix, got)
		}
	}
}

func TestOpen_LeavesNoLogBehind(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if err := openMigrated(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v; want the database file alone after Close", entries, err)
	}
}

func TestOpen_KeepsUserVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	runSQL(t, path, "PRAGMA user_version=7")
	openMigrated(t, path)
	if got := runSQL(t, path, "PRAGMA user_version"); got[0] != "7" {
		t.Errorf("got user_version %s, want the 7 that was there", got[0])
	}
}

func TestOpen_RelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	openMigrated(t, "db.sqlite3")
	if _, err := os.Stat("db.sqlite3"); err != nil {
		t.Error(err)
	}
}

func TestClose_Twice(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, ok := s.Version(t.Context()); ok {
		t.Error("a closed store still knows a version")
	}
	_, err := s.FindUser(t.Context(), 1)
	wantUnavailable(t, err)
	_, err = s.CountUsers(t.Context(), user.Query{})
	wantUnavailable(t, err)
	wantUnavailable(t, insertOne(t, s, 1))
}

func TestConnections_Settings(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	want := map[string]string{
		"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1", "trusted_schema": "0",
	}
	for name, value := range want {
		for i, got := range sqlite.Settings(engineOf(t, s), name) {
			if got != value {
				t.Errorf("connection %d: got %s=%s, want %s", i, name, got, value)
			}
		}
	}
	for i, got := range sqlite.Settings(engineOf(t, s), "query_only") {
		if want := "1"; i > 0 && got != want {
			t.Errorf("connection %d: got query_only=%s, want all but the writer's to be %s", i, got, want)
		}
	}
}

func TestConnections_SettingRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if err := sqlite.Configure(path, "journal_mode", "wall"); err == nil || !strings.Contains(err.Error(), "journal_mode=delete, want wall") {
		t.Errorf("got %v, want a refusal that names both values", err)
	}
	if err := sqlite.Configure(path, "no_such_setting", "1"); err == nil {
		t.Error("a setting that SQLite does not know was taken")
	}
}
