package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/fault"
	"roster/internal/user"
)

func testRollback(t *testing.T, s user.Store) {
	kept := insert(t, s, person(1))
	undone := errors.New("undone")
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		if _, err := tx.InsertUser(person(2)); err != nil {
			return err
		}
		if err := tx.DeleteUsers(user.Deletion{}, kept); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Errorf("got %v, want the function's own error", err)
	}
	if got := list(t, s, 0, 10); len(got) != 1 || got[0] != kept {
		t.Errorf("got %+v, want only %+v", got, kept)
	}
}

func testSwallowedConflict(t *testing.T, s user.Store) {
	insert(t, s, person(1))
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		_, err := tx.InsertUser(person(1))
		wantKind(t, err, fault.Conflict)
		_, err = tx.InsertUser(person(2))
		return err
	})
	if err != nil {
		t.Errorf("got %v, want the transaction to go on after a conflict", err)
	}
	wantCounts(t, s, 2, 2)
}

func testPanic(t *testing.T, s user.Store) {
	value := &struct{ string }{"its own value"}
	recovered := func() (r any) {
		defer func() { r = recover() }()
		_ = s.InTx(t.Context(), func(tx user.Tx) error {
			_, _ = tx.InsertUser(person(1))
			panic(value)
		})
		return nil
	}()
	if recovered != any(value) {
		t.Errorf("recovered %v, want %v", recovered, value)
	}
	wantCounts(t, s, 0, 0)
	insert(t, s, person(1)) // writing goes on
}

func testGoexit(t *testing.T, s user.Store) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.InTx(context.WithoutCancel(t.Context()), func(tx user.Tx) error {
			_, _ = tx.InsertUser(person(1))
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	wantCounts(t, s, 0, 0)
	insert(t, s, person(1))
}

func testTxOver(t *testing.T, s user.Store) {
	var kept user.Tx
	if err := s.InTx(t.Context(), func(tx user.Tx) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := kept.InsertUser(person(1))
	wantKind(t, err, fault.Internal)
	wantCounts(t, s, 0, 0)
}

func testDoneContext(t *testing.T, s user.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.InTx(ctx, func(user.Tx) error {
		t.Error("the function ran although its context was done")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// testCancelWhileWaiting cancels a call that waits behind as many as run at once.
func testCancelWhileWaiting(t *testing.T, s user.Store, atOnce int) {
	running, release := make(chan struct{}), make(chan struct{})
	others, waiting := make(chan error, atOnce), make(chan error, 1)
	for i := range atOnce {
		go func() {
			others <- s.InTx(context.WithoutCancel(t.Context()), func(tx user.Tx) error {
				running <- struct{}{}
				<-release
				_, err := tx.InsertUser(person(i))
				return err
			})
		}()
	}
	for range atOnce {
		<-running
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		waiting <- s.InTx(ctx, func(user.Tx) error {
			t.Error("the function ran although its context was done")
			return nil
		})
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled while the others still run", err)
	}
	close(release)
	for range atOnce {
		if err := <-others; err != nil {
			t.Errorf("another: %v", err)
		}
	}
}

func testCancelWhileRunning(t *testing.T, s user.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.InTx(ctx, func(tx user.Tx) error {
		cancel()
		_, err := tx.InsertUser(person(1))
		return err
	})
	if err != nil {
		t.Errorf("got %v, want a call that has begun to run to its end", err)
	}
	wantCounts(t, s, 1, 1)
}

// testConcurrentWriters has 64 writers, of whose transactions some fail and
// some panic.
func testConcurrentWriters(t *testing.T, s user.Store) {
	const writers, each = 64, 12
	var kept, active atomic.Int64
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				u := person(w*each + i)
				if !insertOrNot(t, s, u, i%4) {
					continue
				}
				kept.Add(1)
				active.Add(int64(len(activeOf([]user.User{u}))))
			}
		})
	}
	wait.Wait()
	wantCounts(t, s, kept.Load(), active.Load())
	if got := list(t, s, 0, 10*writers*each); len(got) != writers*each/2 {
		t.Errorf("got %d rows, want the half: %d", len(got), writers*each/2)
	}
}

// insertOrNot inserts u, or tries to and fails (way 1) or panics (way 3).
func insertOrNot(t *testing.T, s user.Store, u user.User, way int) (kept bool) {
	t.Helper()
	undone := errors.New("undone")
	err := protect(func() error {
		return s.InTx(t.Context(), func(tx user.Tx) error {
			_, err := tx.InsertUser(u)
			switch way {
			case 1:
				return errors.Join(err, undone)
			case 3:
				panic(undone)
			}
			return err
		})
	})
	if fails := way%2 == 1; errors.Is(err, undone) != fails || !fails && err != nil {
		t.Errorf("way %d: got %v", way, err)
	}
	return err == nil
}

// protect turns a panic with an error into that error.
func protect(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err, _ = r.(error)
		}
	}()
	return fn()
}

// testConcurrentDuplicate has many create the same user: one succeeds.
func testConcurrentDuplicate(t *testing.T, s user.Store) {
	var created, refused atomic.Int64
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			err := s.InTx(t.Context(), func(tx user.Tx) error {
				_, err := tx.InsertUser(person(1))
				return err
			})
			switch {
			case err == nil:
				created.Add(1)
			case fault.KindOf(err) == fault.Conflict:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if created.Load() != 1 || refused.Load() != 15 {
		t.Errorf("got %d created and %d refused, want 1 and 15", created.Load(), refused.Load())
	}
}

// testReadersAndWriters checks that who has an answer can read what was
// written, that pages are whole, and that the version changes with each commit.
func testReadersAndWriters(t *testing.T, s user.Store) {
	var wait sync.WaitGroup
	for w := range 4 {
		wait.Go(func() {
			for i := range 25 {
				if err := writeAndReadBack(t, s, person(w*100+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	wantCounts(t, s, 100, int64(len(activeOf(list(t, s, 0, 1000)))))
}

func writeAndReadBack(t *testing.T, s user.Store, u user.User) error {
	before, ok := s.Version(t.Context())
	u = insert(t, s, u)
	if after, _ := s.Version(t.Context()); ok && after == before {
		return fmt.Errorf("got version %d before and after a commit", before)
	}
	got, err := s.FindUser(t.Context(), u.ID)
	if err != nil || got != u {
		return fmt.Errorf("got %+v, %w; want %+v", got, err, u)
	}
	total, err := s.CountUsers(t.Context(), user.Query{})
	if err != nil || total < 1 {
		return fmt.Errorf("got a count of %d, %w", total, err)
	}
	return nil
}

func activeOf(users []user.User) (active []user.User) {
	for _, u := range users {
		if u.IsActive {
			active = append(active, u)
		}
	}
	return active
}
