package index_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// indexed is a store whose searches come when all users are in the index.
type indexed struct {
	*store.Store

	t *testing.T
}

func (s indexed) index() {
	s.t.Helper()
	if err := s.Index(context.Background()); err != nil {
		s.t.Errorf("Index: %v", err)
	}
}

func (s indexed) ListUsers(ctx context.Context, q user.Query, offset int64, limit int) ([]user.User, error) {
	s.index()
	return s.Store.ListUsers(ctx, q, offset, limit)
}

func (s indexed) CountUsers(ctx context.Context, q user.Query) (int64, error) {
	s.index()
	return s.Store.CountUsers(ctx, q)
}

func (s indexed) LookUsers(ctx context.Context, q user.Query, w user.Window) (user.Counts, []user.User, error) {
	s.index()
	return s.Store.LookUsers(ctx, q, w)
}

func (s indexed) WalkUsers(ctx context.Context, q user.Query, after, through int64, limit int) ([]user.User, error) {
	s.index()
	return s.Store.WalkUsers(ctx, q, after, through, limit)
}

func TestIndexed(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.RunSearches(t, func(t *testing.T) user.Store {
				t.Helper()
				return indexed{open(t), t}
			})
		})
	}
}

// Searches find the same with the index as without, whatever is looked for and
// wherever users are: in the index, pending, or changed since.
func TestIndex_LikeScan(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			plain, s := open(t), open(t)
			random := rand.New(rand.NewPCG(1, 2))
			for step := range 3 {
				users := randomUsers(random, step, 150)
				insertEach(t, plain, users)
				insertEach(t, s, users)
				if step < 2 {
					index(t, s)
				}
				change(t, plain, s, users[step*10])
				compare(t, plain, s, random)
			}
		})
	}
}

const letters = `aAbB%_\'"*?[]^-. 王小éÉëßẞσςΣİıKſ😀Åå!` + "\u212A\u0308"

func randomText(random *rand.Rand, most int) string {
	all := []rune(letters)
	var b strings.Builder
	for range 1 + random.IntN(most) {
		b.WriteRune(all[random.IntN(len(all))])
	}
	return b.String()
}

func randomUsers(random *rand.Rand, step, n int) []user.User {
	users := make([]user.User, n)
	for i := range users {
		users[i] = someone(fmt.Sprint(step, "-", i, randomText(random, 5)))
		users[i].LastName, users[i].Phone = form.TextOf(randomText(random, 12)), form.TextOf(randomText(random, 8))
		users[i].IsActive = i%3 > 0
	}
	return users
}

func insertEach(t *testing.T, s *store.Store, users []user.User) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		for _, u := range users {
			if _, err := tx.InsertUser(u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// change gives the user of that name others, in two stores.
func change(t *testing.T, plain, s *store.Store, before user.User) {
	t.Helper()
	for _, db := range []*store.Store{plain, s} {
		found, err := db.ListUsers(t.Context(), user.Query{}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(found, func(u user.User) bool { return u.Username == before.Username })
		after := found[i]
		after.LastName = form.TextOf("Changed " + strings.ToUpper(before.Phone.String))
		if err := db.InTx(t.Context(), func(tx user.Tx) error { _, err := tx.UpdateUser(found[i], after); return err }); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, plain, s *store.Store, random *rand.Rand) {
	t.Helper()
	for range 120 {
		q := user.Query{Search: randomText(random, 4), IsActive: query.Choice(random.IntN(3))}
		if random.IntN(3) == 0 {
			q.Search, q.Order = q.Search+" "+randomText(random, 2), "last_name"
		}
		want, err := plain.ListUsers(t.Context(), q, 0, 1000)
		got, gotErr := s.ListUsers(t.Context(), q, 0, 1000)
		if err != nil || gotErr != nil || !slices.EqualFunc(got, want, func(a, b user.User) bool { return a.Username == b.Username }) {
			t.Errorf("%+v: got %d users, %v, want %d, %v", q, len(got), gotErr, len(want), err)
		}
		if n, err := s.CountUsers(t.Context(), q); err != nil || n != int64(len(want)) {
			t.Errorf("%+v: counted %d, %v, want %d", q, n, err, len(want))
		}
		w := user.Window{Offset: random.Int64N(4), Limit: 5, Count: 1 + random.Int64N(30)}
		page := want[min(int(w.Offset), len(want)):min(int(w.Offset)+w.Limit, len(want))]
		counts, got, err := s.LookUsers(t.Context(), q, w)
		if err != nil || !slices.EqualFunc(got, page, func(a, b user.User) bool { return a.Username == b.Username }) {
			t.Errorf("%+v, %+v: got %d users, %v, want %d", q, w, len(got), err, len(page))
		}
		if n := counts.Of(q.IsActive); n > int64(len(want)) || !counts.More && n != int64(len(want)) {
			t.Errorf("%+v, %+v: got %+v of %d", q, w, counts, len(want))
		}
	}
}

func index(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Index(t.Context()); err != nil {
		t.Fatalf("Index: %v", err)
	}
	wantIndexed(t, s, true)
}

func wantIndexed(t *testing.T, s *store.Store, want bool) {
	t.Helper()
	if got, err := s.IsIndexed(t.Context()); err != nil || got != want {
		t.Errorf("the index is used: got %v, %v, want %v", got, err, want)
	}
}

func wantCount(t *testing.T, s *store.Store, search string, want int64) {
	t.Helper()
	if n, err := s.CountUsers(t.Context(), user.Query{Search: search}); err != nil || n != want {
		t.Errorf("%s: counted %d, %v, want %d", search, n, err, want)
	}
}

// foreignWrites are what another program may do to the table.
var foreignWrites = []string{
	"INSERT INTO t_users (username, email, is_active, created_at, updated_at) VALUES ('Foreigner', 'f@example.com', 1, '2026-11-23 12:00:00', '2026-11-23 12:00:00')",
	"UPDATE t_users SET last_name = 'Héloïse' WHERE username = 'one'",
	"UPDATE t_users SET last_name = 'Heloise' WHERE username = 'one'", // a collation may find them equal
	"UPDATE t_users SET username = 'Renamed' WHERE username = 'two'",
	"REPLACE INTO t_users (username, email, is_active, created_at, updated_at) VALUES ('three', 'replaced@example.com', 1, '2026-11-23 12:00:00', '2026-11-23 12:00:00')",
	"DELETE FROM t_users WHERE username = 'four'",
	"UPDATE t_users SET id = id + 70000 WHERE username = 'five'",
	"INSERT INTO t_users (id, username, email, is_active, created_at, updated_at) VALUES (-5, 'negative', 'n@example.com', 1, '2026-11-23 12:00:00', '2026-11-23 12:00:00')",
}

func TestIndex_ForeignWrites(t *testing.T) {
	t.Parallel()
	for engine, openWith := range openers {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, exec := openWith(t)
			for _, name := range []string{"one", "two", "three", "four", "five"} {
				insert(t, s, someone(name))
			}
			index(t, s)
			exec(foreignWrites...)
			for range 2 { // pending, then in the index
				for search, want := range map[string]int64{
					"foreigner": 1, "heloise": 1, "héloïse": 0, "renamed": 1, "replaced": 1, "three": 1, "four": 0, "five": 1, "negative": 1, "xyz": 0,
				} {
					wantCount(t, s, search, want)
				}
				index(t, s)
			}
		})
	}
}

// Without triggers nothing notes what others write: searches read every user
// until the index was made again.
func TestIndex_TriggersGone(t *testing.T) {
	t.Parallel()
	for engine, openWith := range openers {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, exec := openWith(t)
			insert(t, s, someone("before"))
			index(t, s)
			exec("DROP TRIGGER roster_search_update", "UPDATE t_users SET last_name = 'unnoticed'")
			if engine == "sqlite" {
				wantIndexed(t, s, false)
				wantCount(t, s, "unnoticed", 1)
			}
			index(t, s)
			wantCount(t, s, "unnoticed", 1)
			// As Django's operator does on the way back.
			exec("DROP TRIGGER roster_search_insert", "DROP TRIGGER roster_search_update", "DROP TABLE roster_search_pending",
				"UPDATE t_users SET last_name = 'free'")
		})
	}
}

// What a trigger inserts is not taken for what was inserted.
func TestIndex_IDs(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			insert(t, s, someone("before"))
			index(t, s)
			for n := range 5 {
				var stored user.User
				name := fmt.Sprint("after", n)
				err := s.InTx(t.Context(), func(tx user.Tx) (err error) {
					stored, err = tx.InsertUser(someone(name))
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				u, err := s.FindUser(t.Context(), stored.ID)
				if err != nil || u.Username != name {
					t.Fatalf("id %d: got %s, %v, want %s", stored.ID, u.Username, err, name)
				}
				after := u
				after.FirstName = form.TextOf("Changed")
				if err := s.InTx(t.Context(), func(tx user.Tx) error { _, err := tx.UpdateUser(u, after); return err }); err != nil {
					t.Fatal(err)
				}
			}
			wantCount(t, s, "changed", 5)
		})
	}
}

// Of two processes one keeps the index. What it left unfinished another ends.
func TestIndex_TwoProcesses(t *testing.T) {
	t.Parallel()
	for engine, openWith := range openers {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, exec := openWith(t)
			insert(t, s, someone("one"))
			index(t, s)
			insert(t, s, someone("second"))
			exec("UPDATE roster_search_state SET holder = 'another', until_at = 9999999999")
			if err := s.Index(t.Context()); fault.KindOf(err) != fault.Conflict {
				t.Errorf("beside another: got %v, want a conflict", err)
			}
			wantCount(t, s, "second", 1)
			exec("UPDATE roster_search_state SET until_at = 0, complete = 0, built = -1") // killed while it built
			wantIndexed(t, s, false)
			wantCount(t, s, "second", 1)
			index(t, s)
			wantCount(t, s, "second", 1)
			exec("UPDATE roster_search_state SET version = 'of older rules'")
			wantIndexed(t, s, false)
			index(t, s)
			wantCount(t, s, "one", 1)
		})
	}
}

// Who may make no triggers has searches that read every user.
func TestIndex_NoRights(t *testing.T) {
	t.Parallel()
	o := storetest.NewDatabase(t)
	o.PoolSize, o.MaxOverflow = 2, 2
	owner, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	insert(t, ready(t, owner), someone("one"))
	limited, err := store.OpenMySQL(t.Context(), mysqltest.NewUser(t, o, "SELECT, INSERT, UPDATE, DELETE"))
	if err != nil {
		t.Fatal(err)
	}
	s := ready(t, limited)
	if err := s.Index(t.Context()); err == nil || fault.KindOf(err) == fault.Conflict {
		t.Errorf("got %v, want the rights that are missing", err)
	}
	wantIndexed(t, s, false)
	insert(t, s, someone("second"))
	wantCount(t, s, "second", 1)
	exec := mysqltest.Connect(t, o.Database)
	mysqltest.Exec(t, exec, "UPDATE roster_search_state SET until_at = 0")
	index(t, owner)
	wantCount(t, owner, "second", 1)
	wantCount(t, s, "second", 1) // one process keeps the index, others use it
}

// A step that is cut short, wherever that is, leaves nothing behind that the
// next does not mend, and searches find everybody meanwhile.
func TestIndex_CutShort(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for n := range 12 {
				insert(t, s, someone(fmt.Sprint("person", n)))
				ctx := &cutting{Context: t.Context(), left: n}
				_ = s.Index(ctx) // fails or not, by where it was cut
				wantCount(t, s, "person", int64(n+1))
				wantCount(t, s, fmt.Sprint("person", n), 1)
			}
			index(t, s)
			wantCount(t, s, "person", 12)
			wantCount(t, s, "erson11", 1)
		})
	}
}

// cutting is a context that is done when it was asked so often.
type cutting struct {
	context.Context

	left int
}

func (c *cutting) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// The keeper finishes what is there, and then what comes.
func TestStartIndex(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			insert(t, s, someone("first"))
			stop := s.StartIndex(slog.New(slog.DiscardHandler))
			defer stop()
			deadline, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			ticks := time.NewTicker(10 * time.Millisecond)
			defer ticks.Stop()
			for ready := false; !ready; <-ticks.C {
				var err error
				if ready, err = s.IsIndexed(deadline); err != nil {
					t.Fatal(err)
				}
			}
			insert(t, s, someone("next"))
			wantCount(t, s, "first", 1)
			wantCount(t, s, "next", 1)
		})
	}
}
