package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
	"roster/internal/user"
)

// callers is how many call at once, and maxBatch how many calls may share a
// transaction.
const callers, maxBatch = 64, 128

// TestInTx_FailingCallsDelayNoOthers has callers fail, and come again at once,
// while one succeeds: they may not keep its transaction open.
func TestInTx_FailingCallsDelayNoOthers(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	ctx := context.WithoutCancel(t.Context())
	var stored, delays atomic.Int64
	var over atomic.Bool
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for !over.Load() && delays.Load() < 100*maxBatch {
				_ = s.InTx(ctx, func(user.Tx) error {
					if _, err := s.FindUser(ctx, stored.Load()); err != nil {
						delays.Add(1)
					}
					return errUndone
				})
			}
		})
	}
	for n := range 20 {
		err := s.InTx(ctx, func(tx user.Tx) error {
			u, err := tx.InsertUser(someone(fmt.Sprint("user", n)))
			stored.Store(u.ID)
			delays.Store(0)
			return err
		})
		if got := delays.Load(); err != nil || got > maxBatch {
			t.Errorf("got %d calls between a write and its commit, %v; want at most %d", got, err, maxBatch)
		}
	}
	over.Store(true)
	wait.Wait()
}

// TestInTx_UndoneByAnother has one call of many make SQLite roll back the
// transaction of them all: its error is not theirs.
func TestInTx_UndoneByAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	errMine := fault.New(fault.NotFound, "Not found.")
	var kept int64
	for i, err := range together(t, s, callers, func(tx user.Tx, i int) error {
		if _, err := tx.InsertUser(someone(fmt.Sprint("user", i))); err != nil || i != callers/2 {
			return err
		}
		return errors.Join(execIn(tx, "ROLLBACK"), errMine)
	}) {
		switch {
		case err == nil:
			kept++
		case i != callers/2 && errors.Is(err, errMine):
			t.Errorf("call %d: got the error of another call: %v", i, err)
		}
	}
	if total, _ := sqlCounts(t, path); total != kept {
		t.Errorf("got %d rows, %d acknowledged, want as many", total, kept)
	}
	wantCounts(t, s, kept, kept)
}

// TestInTx_FileReplaced moves the file away: a caller that learns that a write is
// stored must find it under that name.
func TestInTx_FileReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(path, path+".old")
	wantUnavailable(t, insertOne(t, s, 1))
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, insertOne(t, s, 2))
	rename(path+".old", path)
	if err := insertOne(t, s, 3); err != nil {
		t.Errorf("got %v with the file back in its place, want writing to resume", err)
	}
	wantCounts(t, s, 1, 1)
}

// TestCheckpoint_OverlappingReaders has readers of whom one always reads: the
// write-ahead log must start again all the same.
func TestCheckpoint_OverlappingReaders(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	sqlite.SetLogLimit(engineOf(t, s), 100)
	over, done := make(chan struct{}), make(chan error)
	go func() { done <- sqlite.ReadWithoutPause(path, over) }()
	for n := range 1200 {
		if err := insertOne(t, s, n); err != nil {
			t.Error(err)
		}
	}
	close(over)
	if err := <-done; err != nil {
		t.Error(err)
	}
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	// Each insertion adds at least the table's page and those of four indexes.
	if got := info.Size() / 4096; got > 1200*4 {
		t.Errorf("got a log of %d pages, want it to start again soon after 100", got)
	}
}

// execIn runs a statement beside those of package store.
func execIn(tx user.Tx, statement string) error {
	conn, ok := tx.(sqldb.Conn)
	if !ok {
		return fmt.Errorf("%T runs no statements", tx)
	}
	_, err := conn.Exec(statement)
	return err
}

// TestInTx_NoAnswerFromWhatWasNotKept makes COMMIT fail: no caller may learn
// that a name is taken by a row that was never stored.
func TestInTx_NoAnswerFromWhatWasNotKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	for _, statement := range []string{
		"CREATE TABLE parent (id INTEGER PRIMARY KEY)",
		"CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
	} {
		if err := s.InTx(t.Context(), func(tx user.Tx) error { return execIn(tx, statement) }); err != nil {
			t.Fatal(err)
		}
	}
	errTaken := errors.New("taken")
	for i, err := range together(t, s, callers, func(tx user.Tx, _ int) error {
		for range 1000 {
			runtime.Gosched() // the others come meanwhile and join the batch
		}
		taken, _, err := tx.TakenUser("user1", "", 0)
		if taken {
			err = errTaken
		}
		if err != nil {
			return err
		}
		_, err = tx.InsertUser(someone("user1"))
		return errors.Join(err, execIn(tx, "INSERT INTO child VALUES (7)"))
	}) {
		if err == nil || errors.Is(err, errTaken) {
			t.Errorf("call %d: got %v, want that the commit failed", i, err)
		}
	}
	wantCounts(t, s, 0, 0)
}
