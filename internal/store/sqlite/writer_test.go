package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/user"
)

// together runs n calls of InTx at the same time and returns their answers.
func together(t *testing.T, s *store.Store, n int, fn func(tx user.Tx, i int) error) []error {
	t.Helper()
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			errs[i] = s.InTx(context.WithoutCancel(t.Context()), func(tx user.Tx) error { return fn(tx, i) })
		})
	}
	wait.Wait()
	return errs
}

func TestInTx_OneFailureTakesNothingElseAway(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	errs := together(t, s, 40, func(tx user.Tx, i int) error {
		_, err := tx.InsertUser(someone(fmt.Sprint("user", i%20)))
		return err
	})
	refused := 0
	for _, err := range errs {
		if err == nil {
			continue
		}
		refused++
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("got %v, want a conflict", err)
		}
	}
	if refused != 20 {
		t.Errorf("got %d refused, want 20", refused)
	}
	wantCounts(t, s, 20, 20)
}

func TestInTx_Full(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	wantFullAndBack(t, s, path, func(full bool) {
		limit := "1073741823"
		if full {
			limit = runSQL(t, path, "PRAGMA page_count")[0]
		}
		if err := sqlite.ExecOnWriter(t.Context(), engineOf(t, s), "PRAGMA max_page_count="+limit); err != nil {
			t.Fatal(err)
		}
	})
}

// wantFullAndBack checks that writers get an error when there is no room, that
// reads and counts go on, that a caller without an error finds the row, and that
// writing resumes.
func wantFullAndBack(t *testing.T, s *store.Store, path string, setFull func(bool)) {
	t.Helper()
	stored := int64(0)
	for round := range 2 {
		if err := insertOne(t, s, round); err != nil {
			t.Fatalf("writing does not resume: %v", err)
		}
		setFull(true)
		stored += 1 + fill(t, s, fmt.Sprint("round", round))
		wantCounts(t, s, stored, stored)
		if _, err := s.FindUser(t.Context(), 1); err != nil {
			t.Errorf("reading while full: %v", err)
		}
		setFull(false)
	}
	if err := insertOne(t, s, 2); err != nil {
		t.Errorf("writing does not resume: %v", err)
	}
	wantCounts(t, s, stored+1, stored+1)
	if total, _ := sqlCounts(t, path); total != stored+1 {
		t.Errorf("got %d rows, want the %d that were acknowledged", total, stored+1)
	}
	if got := runSQL(t, path, "PRAGMA integrity_check"); got[0] != "ok" {
		t.Errorf("integrity_check: %v", got)
	}
}

// fill inserts large users until three were refused for want of room, and
// returns how many were stored.
func fill(t *testing.T, s *store.Store, name string) (stored int64) {
	t.Helper()
	for n, refused := 0, 0; refused < 3; n++ {
		if n > 5000 {
			t.Fatal("the file system never gets full")
		}
		u := someone(fmt.Sprint(name, ".", n))
		u.Address = form.TextOf(strings.Repeat("x", 3000))
		err := s.InTx(t.Context(), func(tx user.Tx) error {
			_, err := tx.InsertUser(u)
			return err
		})
		switch {
		case err == nil:
			stored++
		case fault.KindOf(err) == fault.Full:
			refused++
		default:
			t.Fatalf("got %v, want an error of kind Full", err)
		}
	}
	return stored
}

// TestInTx_FullTakesTheBatch has many calls share a transaction that SQLite
// rolls back because there is no room: none may learn that it succeeded
// and not be there.
func TestInTx_FullTakesTheBatch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	if err := sqlite.ExecOnWriter(t.Context(), engineOf(t, s), "PRAGMA max_page_count=40"); err != nil {
		t.Fatal(err)
	}
	var kept int64
	for i, err := range together(t, s, 64, func(tx user.Tx, i int) error {
		u := someone(fmt.Sprint("user", i))
		u.Address = form.TextOf(strings.Repeat("x", 3500))
		_, _ = tx.InsertUser(u) // a caller that does not look
		_, _ = tx.FindUser(1)
		return nil
	}) {
		switch {
		case err == nil:
			kept++
		case fault.KindOf(err) != fault.Full:
			t.Errorf("call %d: got %v, want an error of kind Full", i, err)
		}
	}
	if total, _ := sqlCounts(t, path); total != kept || kept == 64 {
		t.Errorf("got %d rows, %d acknowledged, want as many, and less than 64", total, kept)
	}
	wantCounts(t, s, kept, kept)
}

func TestInTx_LockedByAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	if err := sqlite.ExecOnWriter(t.Context(), engineOf(t, s), "PRAGMA busy_timeout=1"); err != nil {
		t.Fatal(err)
	}
	unlock, err := sqlite.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan error)
	go func() { answer <- insertOne(t, s, 1) }()
	if _, err := s.CountUsers(t.Context(), user.Query{}); err != nil {
		t.Errorf("reading while locked: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; err != nil {
		t.Errorf("got %v, want the call to wait for the lock", err)
	}
}

func TestInTx_LockedForTooLong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	var log bytes.Buffer
	file, err := sqlite.Open(sqlite.Options{Path: path, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OnSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.ExecOnWriter(t.Context(), file, "PRAGMA busy_timeout=1"); err != nil {
		t.Fatal(err)
	}
	sqlite.SetPatience(file, 0)
	unlock, err := sqlite.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range together(t, s, 8, func(user.Tx, int) error {
		t.Error("a function ran without the lock")
		return nil
	}) {
		wantUnavailable(t, err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := insertOne(t, s, 1); err != nil {
		t.Errorf("got %v, want writing to resume", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := log.String(); !strings.Contains(got, "level=ERROR") || strings.Contains(got, "user1") {
		t.Errorf("got log %q, want an error, and nothing of the user", got)
	}
}

// TestClose_WhileCallsWait closes a store while a function runs.
func TestClose_WhileCallsWait(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	running, release := make(chan struct{}), make(chan struct{})
	first, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- s.InTx(context.WithoutCancel(t.Context()), func(tx user.Tx) error {
			close(running)
			<-release
			_, err := tx.InsertUser(someone("first"))
			return err
		})
	}()
	<-running
	go func() { closed <- s.Close() }()
	close(release)
	if err := <-first; err != nil {
		t.Errorf("got %v, want the call under way to end well", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	wantUnavailable(t, insertOne(t, s, 2))
}

// insertUntilKilled has eight callers insert users and print their ids, and
// kills the process after n of them.
func insertUntilKilled(ctx context.Context, s *store.Store, n int) error {
	var inserted atomic.Int64
	errs := make(chan error)
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				var id int64
				err := s.InTx(ctx, func(tx user.Tx) error {
					u, err := tx.InsertUser(someone(fmt.Sprintf("user%d.%d", w, i)))
					id = u.ID
					return err
				})
				if err != nil {
					errs <- err
					return
				}
				fmt.Println(id)
				if inserted.Add(1) == int64(n) {
					killMyself()
				}
			}
		}()
	}
	return <-errs
}

// TestInTx_Killed kills a process that writes: what was acknowledged
// is there.
func TestInTx_Killed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	for _, n := range []int{1, 50, 200} {
		cmd := child(t, "insert", path, strconv.Itoa(n))
		out, err := cmd.Output()
		if err == nil {
			t.Error("the child was not killed")
		}
		ids := strings.Fields(string(out))
		if len(ids) < n {
			t.Errorf("got %d answers, want at least %d", len(ids), n)
		}
		for _, text := range ids {
			wantStored(t, s, text)
		}
		runSQL(t, path, "DELETE FROM t_users")
	}
}

// wantStored checks that a user is there whose id was acknowledged.
func wantStored(t *testing.T, s *store.Store, id string) {
	t.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.FindUser(t.Context(), n); err != nil {
		t.Errorf("%s was acknowledged: %v", id, err)
	}
}
