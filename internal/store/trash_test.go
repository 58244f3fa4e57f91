package store_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// trash is a store with its users and deleted users.
type trash struct {
	store *store.Store
	users *user.Users
	*user.Trash
}

var deleter = access.NewActor(access.Account{ID: 7, Username: "ann", IsSuperuser: true}).From(access.Origin{Door: access.API}).Because("asked to")

// onTrash runs a test on every engine.
func onTrash(t *testing.T, test func(t *testing.T, b trash)) {
	t.Helper()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, log := open(t), slog.New(slog.DiscardHandler)
			users := user.NewUsers(s, time.Now, log)
			users.KeepDeleted()
			test(t, trash{s, users, user.NewTrash(s, users, time.Now, log)})
		})
	}
}

func (b trash) create(t *testing.T, name string) int64 {
	t.Helper()
	id, err := insert(t, b.store, someone(name))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b trash) rows(t *testing.T, query string) []string {
	t.Helper()
	rows, err := store.Rows(t.Context(), b.store, query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// oddColumns are columns that a Django team may have added, by engine, and values that
// are easily changed on the way.
var oddColumns = map[string][][2]string{
	"sqlite": {
		{"`a \"b`` c` text NULL", `concat('{"a": "\u00e9''" ]', char(0), 'é𝄞', char(10))`},
		{"picture blob NULL", "X'00FF27225C'"},
		{"share real NULL", "0.1 + 0.2"},
		{"price decimal(10, 2) NULL", "12.50"},
		{"mixed NULL", "1.0"},
		{"large bigint NULL", "9223372036854775807"},
		{"digits text NULL", "'0012'"},
		{"born date NULL", "'1815-12-10'"},
		{"filled varchar(9) NOT NULL DEFAULT 'x'", "''"},
		{"made integer GENERATED ALWAYS AS (id + 1) VIRTUAL", ""},
	},
	"mysql": {
		{"`a \"b`` c` text NULL", `'{"a": "\\u00e9''" ]é𝄞\n\\'`},
		{"picture blob NULL", "X'00FF27225C'"},
		{"flags bit(3) NULL", "b'101'"},
		{"uuid binary(4) NULL", "X'00FFFF00'"},
		{"share double NULL", "0.1e0 + 0.2e0"},
		{"narrow float NULL", "1.1"},
		{"price decimal(30, 10) NULL", "12345678901234567890.1234567890"},
		{"large bigint unsigned NULL", "18446744073709551615"},
		{"born date NULL", "'1815-12-10'"},
		{"at datetime(6) NULL", "'1815-12-10 01:02:03.000004'"},
		{"stamp timestamp(3) NULL", "'2001-12-10 01:02:03.004'"},
		{"daytime time(3) NULL", "'-10:02:03.004'"},
		{"anno year NULL", "1915"},
		{"kind enum('a', 'b') NULL", "'b'"},
		{"tags set('a', 'b') NULL", "'a,b'"},
		{"data json NULL", `'{"hex": "00", "list": [1.5, null, "x"]}'`},
		{"latin varchar(9) CHARACTER SET latin1 NULL", "'é'"},
		{"filled varchar(9) NOT NULL DEFAULT 'x'", "''"},
		{"made bigint GENERATED ALWAYS AS (LENGTH(username) + 1) STORED", ""},
	},
}

// TestTrash_Fidelity shows on every engine that a restored user is the same in every
// column, also of others, and in its subscription.
func TestTrash_Fidelity(t *testing.T) {
	t.Parallel()
	onTrash(t, func(t *testing.T, b trash) {
		id := b.create(t, "ada")
		b.create(t, "bob") // with NULL in all columns
		var set []string
		for _, column := range oddColumns[t.Name()[strings.LastIndex(t.Name(), "/")+1:]] {
			if err := store.Exec(t.Context(), b.store, "ALTER TABLE t_users ADD COLUMN "+column[0]); err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(column[0], " ")
			if strings.HasPrefix(name, "`") {
				name = "`a \"b`` c`"
			}
			if column[1] != "" {
				set = append(set, name+" = "+column[1])
			}
		}
		if err := store.Exec(t.Context(), b.store, "UPDATE t_users SET "+strings.Join(set, ", ")+" WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		subscriptions := user.NewSubscriptions(b.store, nil, time.Now, slog.New(slog.DiscardHandler))
		if err := subscriptions.Set(t.Context(), deleter, id, false); err != nil {
			t.Fatal(err)
		}
		const everything = "SELECT * FROM t_users ORDER BY id"
		before, unsubscribed := b.rows(t, everything), b.rows(t, "SELECT * FROM roster_unsubscribed")
		if _, err := b.users.DeleteBatch(t.Context(), deleter, user.Batch{IDs: []int64{1, 2}}); err != nil {
			t.Fatal(err)
		}
		if left := b.rows(t, everything); len(left) != 0 || len(b.rows(t, "SELECT * FROM roster_unsubscribed")) != 0 {
			t.Errorf("still there: %q", left)
		}
		found, err := b.Find(t.Context(), deleter, id)
		if err != nil || found.Username != "ada" || found.Actor != "ann" || found.Door != access.API || found.Reason != "asked to" || time.Since(found.At) > time.Hour {
			t.Errorf("got %+v, %v", found, err)
		}
		if step, err := b.RestoreBatch(t.Context(), deleter, []int64{1, 2, 3}); err != nil || step.Changed != 2 || step.Skipped != 1 {
			t.Errorf("got %+v, %v", step, err)
		}
		if after := b.rows(t, everything); strings.Join(after, "\n") != strings.Join(before, "\n") {
			t.Errorf("got\n%q\nwant\n%q", after, before)
		}
		if after := b.rows(t, "SELECT * FROM roster_unsubscribed"); strings.Join(after, "\n") != strings.Join(unsubscribed, "\n") {
			t.Errorf("got %q, want %q", after, unsubscribed)
		}
		if left := b.rows(t, "SELECT * FROM roster_trash"); len(left) != 0 {
			t.Errorf("still in the trash: %q", left)
		}
		if n, err := b.users.CountActive(t.Context(), deleter); err != nil || n != 2 {
			t.Errorf("got %d active users, %v", n, err)
		}
		entries, err := b.store.FilterAudit(t.Context(), audit.Filter{ObjectType: "user", ObjectID: id, Action: audit.Restore}, 0, 9)
		if err != nil || len(entries) != 1 || len(entries[0].Changes) != 0 {
			t.Errorf("got %+v, %v", entries, err)
		}
	})
}

// TestTrash_Taken shows on every engine what a restored user finds taken, and that it
// takes another name instead.
func TestTrash_Taken(t *testing.T) {
	t.Parallel()
	onTrash(t, func(t *testing.T, b trash) {
		id := b.create(t, "ada")
		if err := b.users.Delete(t.Context(), deleter, id); err != nil {
			t.Fatal(err)
		}
		b.create(t, "ada")
		text := func(s string) form.Value { return form.Value{Kind: form.String, Text: s} }
		for _, tt := range []struct {
			in   form.Input
			want string // fields with errors
		}{
			{nil, "username email"},
			{form.Input{"username": text("ada2")}, "email"},
			{form.Input{"email": text("ada2@example.com")}, "username"},
			{form.Input{"username": text("x"), "email": text("none")}, "username email"},
		} {
			_, err := b.Restore(t.Context(), deleter, id, tt.in)
			if got := fieldsOf(err); fault.KindOf(err) != fault.Invalid || got != tt.want {
				t.Errorf("%v: got %v (%s), want errors of %s", tt.in, err, got, tt.want)
			}
		}
		restored, err := b.Restore(t.Context(), deleter, id, form.Input{"username": text("ada2"), "email": text("ADA2@example.com")})
		if err != nil || restored.ID != id || restored.Username != "ada2" || restored.Email != "ada2@example.com" {
			t.Errorf("got %+v, %v", restored, err)
		}
		_, err = b.Restore(t.Context(), deleter, id, nil)
		wantKind(t, err, fault.NotFound)
		entries, err := b.store.FilterAudit(t.Context(), audit.Filter{Action: audit.Restore}, 0, 9)
		if err != nil || len(entries) != 1 || len(entries[0].Changes) != 2 {
			t.Errorf("got %+v, %v", entries, err)
		}
		clerk := access.NewActor(access.Account{ID: 9, Username: "clerk", Permissions: []access.Permission{access.DeleteUser, access.ViewUser}})
		_, err = b.Restore(t.Context(), clerk, id, nil)
		wantKind(t, err, fault.Denied)
	})
}

// fieldsOf returns the names of the fields of an error.
func fieldsOf(err error) string {
	f, _ := err.(*fault.Error) //nolint:errorlint // as the service returns it
	if f == nil {
		return ""
	}
	names := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		names[i] = field.Name
	}
	return strings.Join(names, " ")
}

// TestTrash_List shows on every engine the order, the search, and what is purged.
func TestTrash_List(t *testing.T) {
	t.Parallel()
	onTrash(t, func(t *testing.T, b trash) {
		for _, name := range []string{"ada", "bob", "Zoé"} {
			if err := b.users.Delete(t.Context(), deleter, b.create(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		for search, want := range map[string]string{"": "Zoé bob ada", "ZOÉ": "Zoé", "example.com": "Zoé bob ada", "ada bob": "", "none": ""} {
			found, err := b.List(t.Context(), deleter, search, 0, 10)
			n, countErr := b.Count(t.Context(), deleter, search)
			if got := namesOf(found); err != nil || countErr != nil || got != want || n != int64(len(found)) {
				t.Errorf("%q: got %s (%d), %v, %v", search, got, n, err, countErr)
			}
		}
		found, err := b.List(t.Context(), deleter, "", 1, 1)
		if got := namesOf(found); err != nil || got != "bob" {
			t.Errorf("got %s, %v", got, err)
		}
		if n, err := b.Empty(t.Context(), deleter, found[0].At.Add(-time.Microsecond)); err != nil || n != 1 {
			t.Errorf("got %d, %v", n, err)
		}
		if step, err := b.PurgeBatch(t.Context(), deleter, []int64{1, 2}); err != nil || step.Changed != 1 || step.Skipped != 1 {
			t.Errorf("got %+v, %v", step, err)
		}
		if n, err := b.Count(t.Context(), deleter, ""); err != nil || n != 1 {
			t.Errorf("got %d, %v", n, err)
		}
		entries, err := b.store.FilterAudit(t.Context(), audit.Filter{Action: audit.Purge}, 0, 9)
		if err != nil || len(entries) != 2 || entries[1].Object.Name != "ada" {
			t.Errorf("got %+v, %v", entries, err)
		}
	})
}

func namesOf(users []user.Trashed) string {
	names := make([]string, len(users))
	for i := range users {
		names[i] = users[i].Username
	}
	return strings.Join(names, " ")
}

// TestTrash_Race shows on every engine that of many who delete, restore and take the
// freed name at once, none loses a user and no two get the same name.
func TestTrash_Race(t *testing.T) {
	t.Parallel()
	onTrash(t, func(t *testing.T, b trash) {
		const names, actors, rounds = 4, 64, 4
		ids := make([]int64, names)
		for i := range ids {
			ids[i] = b.create(t, fmt.Sprintf("name%d", i))
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		created := int64(names)
		for actor := range actors {
			all.Go(func() {
				for round := range rounds {
					i := (actor + round) % names
					var err error
					switch actor % 4 {
					case 0:
						err = b.users.Delete(t.Context(), deleter, ids[i])
					case 1:
						_, err = b.Restore(t.Context(), deleter, ids[i], nil)
					case 2:
						_, err = b.users.DeleteBatch(t.Context(), deleter, user.Batch{Query: user.Query{Search: fmt.Sprintf("name%d", i)}, Through: 1 << 60})
					default:
						in := form.Input{"username": {Kind: form.String, Text: fmt.Sprintf("name%d", i)}, "email": {Kind: form.String, Text: fmt.Sprintf("name%d@example.com", i)}}
						if _, err = b.users.Create(t.Context(), deleter, in); err == nil {
							mu.Lock()
							created++
							mu.Unlock()
						}
					}
					if kind := fault.KindOf(err); err != nil && kind != fault.NotFound && kind != fault.Invalid && kind != fault.Conflict {
						t.Errorf("actor %d: %v", actor, err)
					}
				}
			})
		}
		all.Wait()
		kept, err := b.store.CountUsers(t.Context(), user.Query{})
		if err != nil {
			t.Fatal(err)
		}
		trashed, err := b.Count(t.Context(), deleter, "")
		if err != nil || kept+trashed != created {
			t.Errorf("%d users and %d in the trash, but %d were added (%v)", kept, trashed, created, err)
		}
		active, err := b.store.CountUsers(t.Context(), user.Query{IsActive: query.OnlyTrue})
		if err != nil || active != kept {
			t.Errorf("%d of %d users are active (%v)", active, kept, err)
		}
		for _, doubled := range b.rows(t, "SELECT username FROM t_users GROUP BY username HAVING COUNT(*) > 1") {
			t.Errorf("%s is there twice", doubled)
		}
	})
}
