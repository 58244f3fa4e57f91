package index_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// openers open a store, and run statements as another program does.
var openers = map[string]func(*testing.T) (*store.Store, func(...string)){
	"sqlite": func(t *testing.T) (*store.Store, func(...string)) {
		t.Helper()
		path := storetest.MigratedFile(t)
		s, err := store.Open(t.Context(), store.Options{Path: path, Readers: 2})
		if err != nil {
			t.Fatal(err)
		}
		return ready(t, s), func(statements ...string) {
			t.Helper()
			// The program has a SQLite of its own, as Django does.
			command := exec.CommandContext(t.Context(), "sqlite3", "-bail", "-cmd", ".timeout 5000", path, strings.Join(statements, ";\n"))
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("sqlite3: %v: %s", err, out)
			}
		}
	},
	"mysql": func(t *testing.T) (*store.Store, func(...string)) {
		t.Helper()
		o := storetest.NewDatabase(t)
		o.PoolSize, o.MaxOverflow = 4, 2
		s, err := store.OpenMySQL(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return ready(t, s), func(statements ...string) {
			t.Helper()
			db := mysqltest.Connect(t, o.Database)
			for _, statement := range statements {
				mysqltest.Exec(t, db, statement)
			}
		}
	},
}

func ready(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// someone returns a user of that name.
func someone(name string) user.User {
	at := time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC)
	return user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: at, UpdatedAt: at}
}

func insert(t *testing.T, s *store.Store, u user.User) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		_, err := tx.InsertUser(u)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
