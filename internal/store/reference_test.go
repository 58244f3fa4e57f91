package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// otherTables are tables of other programs that refer to users: deferred as by
// Django on SQLite, which MySQL does not know.
func otherTables(engine string) []string {
	id, deferred := "int NOT NULL AUTO_INCREMENT PRIMARY KEY", ""
	if engine == "sqlite" {
		id, deferred = "integer NOT NULL PRIMARY KEY AUTOINCREMENT", " DEFERRABLE INITIALLY DEFERRED"
	}
	table := func(name, parent, rule string) string {
		return fmt.Sprintf("CREATE TABLE %s (id %s, of_id int NULL, FOREIGN KEY (of_id) REFERENCES %s (id) %s%s)", name, id, parent, rule, deferred)
	}
	return []string{
		table("orders", "t_users", ""), table("logins", "t_users", "ON DELETE CASCADE"), table("notes", "t_users", "ON DELETE SET NULL"),
		table("devices", "logins", "ON DELETE CASCADE"), table("repairs", "devices", ""), table("badges", "auth_user", ""), table("teams", "auth_group", ""),
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for _, statement := range otherTables(engine) {
				execute(t, s, statement)
			}
			wantReferences(t, s)
		})
	}
}

func wantReferences(t *testing.T, s *store.Store) {
	t.Helper()
	for _, name := range []string{"free", "ordered", "cascading", "blocked", "noted"} {
		if _, err := insert(t, s, someone(name)); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, s, "INSERT INTO orders (of_id) VALUES (2), (2)")
	execute(t, s, "INSERT INTO logins (id, of_id) VALUES (1, 3), (2, 4)")
	execute(t, s, "INSERT INTO devices (id, of_id) VALUES (1, 1), (2, 2)")
	execute(t, s, "INSERT INTO repairs (of_id) VALUES (2)")
	execute(t, s, "INSERT INTO notes (of_id) VALUES (5)")
	for id, want := range map[int64]string{1: "", 2: "orders", 3: "", 4: "repairs", 5: ""} {
		err := deleteUser(t.Context(), s, id)
		switch {
		case want == "" && err != nil:
			t.Errorf("user %d: got %v, want it deleted", id, err)
		case want != "" && (fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "the table "+want+" refer")):
			t.Errorf("user %d: got %v, want a conflict that names %s", id, err, want)
		}
	}
	if n, err := s.CountUsers(t.Context(), user.Query{}); n != 2 || err != nil {
		t.Errorf("got %d users, %v, want the two that are referred to", n, err)
	}
	got, err := store.Texts(t.Context(), s, "SELECT COUNT(*) FROM logins UNION ALL SELECT COUNT(*) FROM devices UNION ALL SELECT COUNT(*) FROM notes WHERE of_id IS NULL")
	if diff := cmp.Diff([]string{"1", "1", "1"}, got); diff != "" || err != nil {
		t.Errorf("logins, devices, notes without a user: %v %s", err, diff)
	}
}

func deleteUser(ctx context.Context, s *store.Store, id int64) error {
	return s.InTx(ctx, func(tx user.Tx) error {
		u, err := tx.FindUser(id)
		if err != nil {
			return err
		}
		return tx.DeleteUsers(user.Deletion{}, u)
	})
}

// TestReferences_LeaveOthersAlone has many write while one deletes a user that
// another table refers to: that one fails, although they share a commit.
func TestReferences_LeaveOthersAlone(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for _, statement := range otherTables(engine) {
				execute(t, s, statement)
			}
			if _, err := insert(t, s, someone("ordered")); err != nil {
				t.Fatal(err)
			}
			execute(t, s, "INSERT INTO orders (of_id) VALUES (1)")
			ctx := context.WithoutCancel(t.Context())
			var work sync.WaitGroup
			for i := range 20 {
				work.Go(func() {
					if i%2 == 0 {
						if err := deleteUser(ctx, s, 1); fault.KindOf(err) != fault.Conflict {
							t.Errorf("got %v, want a conflict", err)
						}
						return
					}
					err := s.InTx(ctx, func(tx user.Tx) error {
						_, err := tx.InsertUser(someone(fmt.Sprint("user", i)))
						return err
					})
					if err != nil {
						t.Errorf("user%d: %v", i, err)
					}
				})
			}
			work.Wait()
		})
	}
}

// TestReferences_Staff deletes an account and a group that other tables refer
// to.
func TestReferences_Staff(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for _, statement := range otherTables(engine) {
				execute(t, s, statement)
			}
			execute(t, s, "INSERT INTO auth_user (id, username, password, email, first_name, last_name, is_active, is_staff, is_superuser, date_joined)"+
				" VALUES (1, 'ann', '', '', '', '', 1, 1, 1, '2026-11-23 10:00:00')")
			execute(t, s, "INSERT INTO auth_group (id, name) VALUES (1, 'team')")
			execute(t, s, "INSERT INTO badges (of_id) VALUES (1)")
			execute(t, s, "INSERT INTO teams (of_id) VALUES (1)")
			for table, remove := range map[string]func(tx staffTx) error{
				"badges": func(tx staffTx) error { return tx.DeleteAccount(1) },
				"teams":  func(tx staffTx) error { return tx.DeleteGroup(1) },
			} {
				err := s.InTx(t.Context(), func(tx user.Tx) error { return remove(tx.(staffTx)) })
				if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "the table "+table) {
					t.Errorf("got %v, want a conflict that names %s", err, table)
				}
			}
		})
	}
}

type staffTx interface {
	DeleteAccount(id int64) error
	DeleteGroup(id int64) error
}

func TestDependents(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for _, statement := range otherTables(engine) {
				execute(t, s, statement)
			}
			if _, err := insert(t, s, someone("ann")); err != nil {
				t.Fatal(err)
			}
			execute(t, s, "INSERT INTO orders (of_id) VALUES (1), (1)")
			execute(t, s, "INSERT INTO logins (of_id) VALUES (1)")
			execute(t, s, "INSERT INTO notes (of_id) VALUES (1)")
			var got []user.Dependents
			err := s.InTx(t.Context(), func(tx user.Tx) (err error) {
				got, err = tx.Dependents(1)
				return err
			})
			want := []user.Dependents{
				{Table: "logins", Rows: 1, Effect: user.Deleted}, {Table: "notes", Rows: 1, Effect: user.Cleared}, {Table: "orders", Rows: 2, Effect: user.Blocks},
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("got %v %s", err, diff)
			}
		})
	}
}
