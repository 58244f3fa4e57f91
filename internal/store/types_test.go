package store_test

import (
	"testing"

	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// TestTypes changes the types of the id and of is_active to those that a table
// may have: everything works as before.
func TestTypes_MySQL(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"BIGINT UNSIGNED", "bit(1)"}, {"INT UNSIGNED", "tinyint unsigned"}, {"BIGINT", "boolean"}, {"MEDIUMINT", "bigint unsigned"},
		{"SMALLINT UNSIGNED", "decimal(1,0)"},
	} {
		t.Run(c[0]+", "+c[1], func(t *testing.T) {
			t.Parallel()
			s := storetest.OpenMySQL(t)
			execute(t, s, "ALTER TABLE t_users MODIFY id "+c[0]+" NOT NULL AUTO_INCREMENT, MODIFY is_active "+c[1]+" NOT NULL")
			wantTypes(t, s)
		})
	}
}

func TestTypes_SQLite(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"bool", "BOOLEAN", "INTEGER", "tinyint(1)", "NUMERIC", "bigint unsigned"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := openSQLite(t)
			for _, statement := range []string{
				"ALTER TABLE t_users RENAME TO old_users",
				"CREATE TABLE t_users (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, username varchar(100) NOT NULL UNIQUE," +
					" email varchar(255) NOT NULL UNIQUE, first_name varchar(100), last_name varchar(100), phone varchar(20), address text," +
					" is_active " + kind + " NOT NULL, created_at TIMESTAMP NOT NULL, updated_at datetime NOT NULL)",
				"DROP TABLE old_users",
			} {
				execute(t, s, statement)
			}
			wantTypes(t, s)
		})
	}
}

// wantTypes adds, reads, changes and deletes users.
func wantTypes(t *testing.T, s *store.Store) {
	t.Helper()
	active, idle := someone("ann"), someone("bob")
	idle.IsActive = false
	for i, u := range []user.User{active, idle} {
		id, err := insert(t, s, u)
		if err != nil || id == 0 {
			t.Fatalf("%s: got id %d, %v", u.Username, id, err)
		}
		got, err := s.FindUser(t.Context(), id)
		u.ID = id
		if err != nil || got != u {
			t.Fatalf("user %d: got %+v, %v, want %+v", i, got, err, u)
		}
		listed, err := s.ListUsers(t.Context(), user.Query{IsActive: []query.Choice{query.OnlyTrue, query.OnlyFalse}[i]}, 0, 9)
		if err != nil || len(listed) != 1 || listed[0] != u {
			t.Fatalf("user %d: got %+v, %v, want it alone", i, listed, err)
		}
		err = s.InTx(t.Context(), func(tx user.Tx) error {
			after := u
			after.IsActive = !u.IsActive
			stored, err := tx.UpdateUser(u, after)
			if err == nil && stored != after {
				t.Errorf("user %d: stored %+v, want %+v", i, stored, after)
			}
			return sqldb.FirstError(err, tx.DeleteUsers(user.Deletion{}, after))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.CountUsers(t.Context(), user.Query{}); n != 0 || err != nil {
		t.Errorf("got %d users, %v, want none left", n, err)
	}
}

// TestTimes_WithoutFractions has a column store whole seconds: changes are
// versions of their own, in which answer and storage agree.
func TestTimes_WithoutFractions(t *testing.T) {
	t.Parallel()
	for _, precision := range []string{"", "(3)"} {
		t.Run("datetime"+precision, func(t *testing.T) {
			t.Parallel()
			s := storetest.OpenMySQL(t)
			execute(t, s, "ALTER TABLE t_users MODIFY created_at datetime"+precision+" NOT NULL, MODIFY updated_at datetime"+precision+" NOT NULL")
			wantVersions(t, s)
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		wantVersions(t, openSQLite(t))
	})
}

func wantVersions(t *testing.T, s *store.Store) {
	t.Helper()
	id, err := insert(t, s, someone("ann"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 5 {
		before, err := s.FindUser(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if seen[before.Version()] {
			t.Fatalf("the version %s is there again", before.Version())
		}
		seen[before.Version()] = true
		err = s.InTx(t.Context(), func(tx user.Tx) error {
			after := before
			after.UpdatedAt = before.UpdatedAt.Add(1000)
			stored, err := tx.UpdateUser(before, after)
			if err == nil && !stored.UpdatedAt.After(before.UpdatedAt) {
				t.Errorf("updated_at went from %v to %v", before.UpdatedAt, stored.UpdatedAt)
			}
			seen[stored.Version()] = false
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if now, err := s.FindUser(t.Context(), id); err != nil || len(seen) == 0 || seen[now.Version()] {
			t.Errorf("got %+v, %v, want a new version", now, err)
		}
	}
}

// TestUnreadable_Users stores what no type of a field can represent: the other
// fields of the row, and the other rows, are served, and a change mends it.
func TestUnreadable_Users(t *testing.T) {
	t.Parallel()
	for _, broken := range []struct{ set, want string }{
		{"created_at = ''", `created_at ""`},
		{"created_at = 1764000000", `created_at "1764000000"`},
		{"created_at = 'yesterday', updated_at = x'00'", `created_at "yesterday", updated_at "?"`},
		{"is_active = 'maybe'", `is_active "maybe"`},
		{"is_active = 2", `is_active "2"`},
		{"updated_at = 1.5", `updated_at "1.5"`},
	} {
		t.Run(broken.set, func(t *testing.T) {
			t.Parallel()
			s := openSQLite(t)
			wantUnreadable(t, s, broken.set, broken.want)
		})
	}
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		s := storetest.OpenMySQL(t)
		execute(t, s, "ALTER TABLE t_users MODIFY created_at varchar(50) NULL, MODIFY is_active int NULL, MODIFY email varchar(255) NULL")
		wantUnreadable(t, s, "created_at = NULL, is_active = 7", `is_active "7", created_at "NULL"`)
	})
}

func wantUnreadable(t *testing.T, s *store.Store, set, want string) {
	t.Helper()
	for _, name := range []string{"ann", "bob", "eve"} {
		if _, err := insert(t, s, someone(name)); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, s, "UPDATE t_users SET "+set+" WHERE username = 'bob'")
	for name, q := range map[string]user.Query{"all": {}, "searched": {Search: "bob"}, "ordered": {Order: "username"}} {
		found, err := s.ListUsers(t.Context(), q, 0, 9)
		if err != nil || len(found) == 0 {
			t.Errorf("%s: got %+v, %v", name, found, err)
		}
	}
	if _, _, err := s.CreatedSpan(t.Context()); err != nil {
		t.Errorf("CreatedSpan: %v", err)
	}
	if _, users, err := s.LookUsers(t.Context(), user.Query{Search: "o"}, user.Window{Limit: 9, Count: 9}); err != nil || len(users) == 0 {
		t.Errorf("LookUsers: got %v, %v", users, err)
	}
	bob, err := s.FindUser(t.Context(), 2)
	if got := bob.Unreadable.String(); err != nil || got != want || bob.Username != "bob" {
		t.Fatalf("got %+v, %v, want %s", bob, err, want)
	}
	err = s.InTx(t.Context(), func(tx user.Tx) error {
		after := someone("bob")
		after.ID, after.UpdatedAt = 2, after.UpdatedAt.Add(1000)
		stored, err := tx.UpdateUser(bob, after)
		if err == nil && stored != after {
			t.Errorf("stored %+v, want %+v", stored, after)
		}
		return sqldb.FirstError(err, tx.DeleteUsers(user.Deletion{}, stored))
	})
	if err != nil {
		t.Errorf("changing and deleting it: %v", err)
	}
	if n, err := s.CountUsers(t.Context(), user.Query{}); n != 2 || err != nil {
		t.Errorf("got %d users, %v", n, err)
	}
}
