package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/user"
)

// TestCount_ForeignCommit has another store on the same file write.
func TestCount_ForeignCommit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	ours, theirs := openMigrated(t, path), open(t, path)
	wantCounts(t, ours, 0, 0)
	wantCounts(t, theirs, 0, 0)
	for n := range 6 {
		writer, reader := ours, theirs
		if n%2 == 1 {
			writer, reader = theirs, ours
		}
		before, _ := reader.Version(t.Context())
		if err := insertOne(t, writer, n); err != nil {
			t.Fatal(err)
		}
		if after, ok := reader.Version(t.Context()); !ok || after == before {
			t.Errorf("got version %d, %v after another's commit, want a change from %d", after, ok, before)
		}
		wantCounts(t, reader, int64(n+1), int64(n+1))
		wantCounts(t, writer, int64(n+1), int64(n+1))
	}
}

// TestCount_Interleaved has several writers of two stores and of another
// process write at random, and readers who check what must hold meanwhile.
func TestCount_Interleaved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	ours, theirs := openMigrated(t, path), open(t, path)
	for round := range 4 {
		interleave(t, path, ours, theirs, round)
		total, active := sqlCounts(t, path)
		wantCounts(t, ours, total, active)
		wantCounts(t, theirs, total, active)
		if total == 0 {
			t.Error("nothing was written")
		}
	}
}

func interleave(t *testing.T, path string, ours, theirs *store.Store, round int) {
	t.Helper()
	var writers, readers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() { reportError(t, writeAtRandom(t.Context(), ours, fmt.Sprint("ours", round, w), 30)) })
	}
	if round%2 == 1 {
		writers.Go(func() { reportError(t, writeAtRandom(t.Context(), theirs, fmt.Sprint("theirs", round), 30)) })
	}
	if round >= 2 {
		writers.Go(func() {
			if out, err := child(t, "write", path, "30").CombinedOutput(); err != nil {
				t.Errorf("child: %v: %s", err, out)
			}
		})
	}
	done := make(chan struct{})
	readers.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				reportError(t, checkSteady(t.Context(), ours))
			}
		}
	})
	writers.Wait()
	close(done)
	readers.Wait()
}

// checkSteady checks that what is read between two equal versions agrees.
func checkSteady(ctx context.Context, s *store.Store) error {
	before, _ := s.Version(ctx)
	users, err := s.ListUsers(ctx, user.Query{}, 0, 100_000)
	if err != nil {
		return err
	}
	total, err := s.CountUsers(ctx, user.Query{})
	if err != nil {
		return err
	}
	active, err := s.CountActiveUsers(ctx)
	if err != nil {
		return err
	}
	if after, ok := s.Version(ctx); !ok || after != before {
		return nil
	}
	var want int64
	for _, u := range users {
		want += bit(u.IsActive)
	}
	if total != int64(len(users)) || active != want {
		return fmt.Errorf("version %d: got counts %d and %d of %d rows, %d active", before, total, active, len(users), want)
	}
	return nil
}

func reportError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// errUndone makes a transaction fail on purpose.
var errUndone = errors.New("undone on purpose")

// writeAtRandom makes n transactions that insert, change and delete users of
// its own, some of which it undoes, in groups.
func writeAtRandom(ctx context.Context, s *store.Store, name string, n int) error {
	var mine []user.User
	for i := 0; i < n; {
		kept := mine
		err := s.InTx(ctx, func(tx user.Tx) (err error) {
			kept = append([]user.User(nil), mine...)
			for step := range 1 + rand.IntN(3) {
				if kept, err = writeOne(tx, kept, name+"."+strconv.Itoa(i)+"."+strconv.Itoa(step)); err != nil {
					return err
				}
			}
			if rand.IntN(4) == 0 {
				return errUndone
			}
			return nil
		})
		switch {
		case err == nil:
			mine = kept
		case fault.KindOf(err) == fault.Unavailable:
			continue // the others had the lock all the time
		case !errors.Is(err, errUndone):
			return err
		}
		i++
	}
	return nil
}

// writeOne inserts a user of that name, or flips or deletes one of mine.
func writeOne(tx user.Tx, mine []user.User, name string) ([]user.User, error) {
	choice := rand.IntN(4)
	if len(mine) == 0 || choice < 2 {
		u := someone(name)
		u.IsActive = choice == 0
		u, err := tx.InsertUser(u)
		return append(mine, u), err
	}
	i := rand.IntN(len(mine))
	if choice == 2 {
		before := mine[i]
		mine[i].IsActive = !before.IsActive
		_, err := tx.UpdateUser(before, mine[i])
		return mine, err
	}
	gone := mine[i]
	return append(mine[:i], mine[i+1:]...), tx.DeleteUsers(user.Deletion{}, gone)
}

func sqlCounts(t testing.TB, path string) (total, active int64) {
	t.Helper()
	rows := runSQL(t, path, "SELECT COUNT(*), COALESCE(SUM(is_active), 0) FROM t_users")
	if _, err := fmt.Sscanf(rows[0], "%d|%d", &total, &active); err != nil {
		t.Fatal(err)
	}
	return total, active
}

func TestCount_ManyAtOnce(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	if err := insertOne(t, s, 1); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() { wantCounts(t, s, 1, 1) })
	}
	wait.Wait()
}

func TestRead_WaitsForAConnectionNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	giveBack := sqlite.TakeReaders(engineOf(t, s))
	defer giveBack()
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan error)
	go func() {
		_, err := s.FindUser(ctx, 1)
		answers <- err
	}()
	cancel()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
