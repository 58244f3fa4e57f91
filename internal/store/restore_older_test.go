package store_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// emptyDatabases returns, by engine, what makes a database without tables: how it
// is opened, and how a backup is restored to it.
func emptyDatabases() map[string]func(*testing.T) (open func(context.Context) (*store.Store, error), restore func(io.Reader) error) {
	return map[string]func(*testing.T) (func(context.Context) (*store.Store, error), func(io.Reader) error){
		"sqlite": func(t *testing.T) (func(context.Context) (*store.Store, error), func(io.Reader) error) {
			t.Helper()
			o := store.Options{Path: filepath.Join(t.TempDir(), "db.sqlite3")}
			return func(ctx context.Context) (*store.Store, error) { return store.Open(ctx, o) },
				func(content io.Reader) error { return store.RestoreSQLite(t.Context(), o.Path, false, content) }
		},
		"mysql": func(t *testing.T) (func(context.Context) (*store.Store, error), func(io.Reader) error) {
			t.Helper()
			o := mysqltest.NewDatabase(t)
			return func(ctx context.Context) (*store.Store, error) { return store.OpenMySQL(ctx, o) },
				func(content io.Reader) error { return store.RestoreMySQL(t.Context(), o, false, content) }
		},
	}
}

// A backup that an older version of the generation made is restored as it was,
// and brought to this version's schema: the first that had all of Django's
// tables, the last before tasks, and the one before this.
func TestRestore_OlderSchema(t *testing.T) {
	t.Parallel()
	newest, err := store.NewestSchema()
	if err != nil {
		t.Fatal(err)
	}
	for engine, newDatabase := range emptyDatabases() {
		want := tables(t, storetest.Engines()[engine](t))
		for _, version := range []int64{2, 5, newest - 1} {
			t.Run(fmt.Sprintf("%s at %d", engine, version), func(t *testing.T) {
				t.Parallel()
				old, _ := newDatabase(t)
				backup := backupAt(t, old, version)
				open, restore := newDatabase(t)
				if err := restore(bytes.NewReader(backup)); err != nil {
					t.Fatal(err)
				}
				s := opened(t, open)
				migrateFrom(t, s, version)
				if got := tables(t, s); !slices.Equal(got, want) {
					t.Errorf("got the tables %v, want %v", got, want)
				}
				useMigrated(t, s)
			})
		}
	}
}

// migrateFrom brings a database of that schema to this version's.
func migrateFrom(t *testing.T, s *store.Store, version int64) {
	t.Helper()
	if got, err := s.Schema(t.Context()); got != version || err != nil {
		t.Errorf("got the schema %d, %v of what was restored, want %d", got, err, version)
	}
	if n, err := s.Migrate(t.Context()); n == 0 || err != nil {
		t.Fatalf("got %d migrations, %v", n, err)
	}
}

func opened(t *testing.T, open func(context.Context) (*store.Store, error)) *store.Store {
	t.Helper()
	s, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// backupAt returns the content of a backup of a database with a user, as a
// version with that schema made it.
func backupAt(t *testing.T, open func(context.Context) (*store.Store, error), version int64) []byte {
	t.Helper()
	s := opened(t, open)
	if err := store.MigrateTo(t.Context(), s, version); err != nil {
		t.Fatal(err)
	}
	execute(t, s, "INSERT INTO t_users (username, email, is_active, created_at, updated_at)"+
		" VALUES ('ann', 'ann@example.com', 1, '2026-11-27 00:00:00', '2026-11-27 00:00:00')")
	var content bytes.Buffer
	if _, err := s.Snapshot(t.Context(), &content); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// tables returns the names of a database's tables.
func tables(t *testing.T, s *store.Store) []string {
	t.Helper()
	rows, err := s.Snapshot(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(rows))
}

// useMigrated finds the user of backupAt, and does what needs the newest tables.
func useMigrated(t *testing.T, s *store.Store) {
	t.Helper()
	if u, err := s.FindUser(t.Context(), 1); err != nil || u.Username != "ann" {
		t.Errorf("got %+v, %v, want the user of the backup", u, err)
	}
	at := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	if err := s.RecordBackup(t.Context(), store.Backup{Created: at, Path: "a", Digest: "b"}); err != nil {
		t.Error(err)
	}
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		_, err := tx.Enqueue(task.New{Kind: "noop", Version: 1, Queue: task.DefaultQueue, Args: []byte("{}"), At: at, RunAt: at})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
