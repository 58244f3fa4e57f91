package mysql_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// TestInTx_Deadlock has two transactions lock the same two rows, each the
// other's first: MySQL ends one of them, and that one runs again.
func TestInTx_Deadlock(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	ids := []int64{insert(t, s, "a"), insert(t, s, "b")}
	var runs atomic.Int64
	var both, wait sync.WaitGroup
	both.Add(2)
	for i := range 2 {
		meet := sync.OnceFunc(func() { both.Done(); both.Wait() })
		wait.Go(func() {
			err := s.InTx(t.Context(), func(tx user.Tx) error {
				runs.Add(1)
				if _, err := tx.FindUser(ids[i]); err != nil {
					return err
				}
				meet()
				u, err := tx.FindUser(ids[1-i])
				if err != nil {
					return err
				}
				after := u
				after.Phone = form.TextOf(u.Phone.String + "+")
				_, err = tx.UpdateUser(u, after)
				return err
			})
			if err != nil {
				t.Errorf("got %v, want both to succeed", err)
			}
		})
	}
	wait.Wait()
	if got := runs.Load(); got != 3 {
		t.Errorf("got %d runs, want 3: the victim runs twice", got)
	}
	for _, id := range ids {
		if u, err := s.FindUser(t.Context(), id); err != nil || u.Phone.String != "+" {
			t.Errorf("got phone %q, %v; want each row changed once", u.Phone.String, err)
		}
	}
}

// TestInTx_LockTimeout has another connection hold a row for some of the runs.
func TestInTx_LockTimeout(t *testing.T) {
	t.Parallel()
	for held, ok := range map[int]bool{2: true, 3: false} {
		t.Run(strconv.Itoa(held), func(t *testing.T) {
			t.Parallel()
			testLockTimeout(t, held, ok)
		})
	}
}

func testLockTimeout(t *testing.T, held int, ok bool) {
	t.Helper()
	s, o := openNew(t)
	u := someone("locked")
	u.ID = insert(t, s, "locked")
	other, err := mysqltest.Connect(t, o.Database).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback() }() // for the second time it does nothing
	if _, err := other.ExecContext(t.Context(), "UPDATE t_users SET phone = '1'"); err != nil {
		t.Fatal(err)
	}
	runs := 0
	err = s.InTx(t.Context(), func(tx user.Tx) error {
		if runs++; runs > held {
			_ = other.Rollback()
		}
		if err := exec(tx, "SET SESSION innodb_lock_wait_timeout = 1"); err != nil {
			return err
		}
		if _, err := tx.InsertUser(someone(fmt.Sprint("run", runs))); err != nil {
			return err
		}
		return tx.DeleteUsers(user.Deletion{}, u)
	})
	if ok && err != nil {
		t.Errorf("got %v after %d runs, want success", err, runs)
	}
	if !ok {
		wantKind(t, err, fault.Unavailable)
	}
	wantTotal(t, s, 1) // what came before the wait is never kept
}

// killer returns a function that ends the connection of a transaction.
func killer(t *testing.T) func(tx user.Tx) error {
	t.Helper()
	db := mysqltest.Connect(t, "")
	return func(tx user.Tx) error {
		_, err := db.ExecContext(t.Context(), "KILL "+ask(t, tx, "SELECT CONNECTION_ID()"))
		return err
	}
}

func TestInTx_ConnectionKilled(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	kill := killer(t)
	runs := 0
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		if _, err := tx.InsertUser(someone("a")); err != nil {
			return err
		}
		if runs++; runs < 3 {
			if err := kill(tx); err != nil {
				return err
			}
		}
		_, err := tx.InsertUser(someone("b"))
		return err
	})
	if err != nil || runs != 3 {
		t.Errorf("got %v after %d runs, want success in the third", err, runs)
	}
	wantTotal(t, s, 2)
}

// TestInTx_Cut loses the connection before or after each command of a
// transaction, once or always.
func TestInTx_Cut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command string
		verdict mysqltest.Verdict
		times   int
		ok      bool
		total   []int64 // that may be there
	}{
		{"START TRANSACTION", mysqltest.CutBefore, 2, true, []int64{1}},
		{"START TRANSACTION", mysqltest.CutAfter, 1, true, []int64{1}},
		{"START TRANSACTION", mysqltest.CutBefore, 3, false, []int64{0}},
		{"INSERT", mysqltest.CutBefore, 1, true, []int64{1}},
		{"INSERT", mysqltest.CutAfter, 2, true, []int64{1}},
		{"INSERT", mysqltest.CutAfter, 3, false, []int64{0}},
		{"COMMIT", mysqltest.CutBefore, 1, false, []int64{0}},
		{"COMMIT", mysqltest.CutAfter, 1, false, []int64{0, 1}},
	} {
		t.Run(fmt.Sprint(c.command, c.verdict, c.times), func(t *testing.T) {
			t.Parallel()
			p, o := mysqltest.NewProxy(t, storetest.NewDatabase(t))
			s := open(t, o)
			var cuts atomic.Int64
			p.Judge(func(command string) mysqltest.Verdict {
				if strings.Contains(command, c.command) && cuts.Add(1) <= int64(c.times) {
					return c.verdict
				}
				return mysqltest.Pass
			})
			_, err := tryInsert(t, s, "a")
			if c.ok && err != nil {
				t.Errorf("got %v, want success", err)
			}
			if !c.ok {
				wantKind(t, err, fault.Unavailable)
			}
			p.Judge(nil)
			if got, err := s.CountUsers(t.Context(), user.Query{}); err != nil || got != c.total[0] && got != c.total[len(c.total)-1] {
				t.Errorf("got %d users, %v; want one of %v", got, err, c.total)
			}
			insert(t, s, "b") // writing goes on
		})
	}
}

// TestInTx_UnknownOutcome is logged, and the function does not run again.
func TestInTx_UnknownOutcome(t *testing.T) {
	t.Parallel()
	p, o := mysqltest.NewProxy(t, storetest.NewDatabase(t))
	s := open(t, o)
	p.Judge(func(command string) mysqltest.Verdict {
		if strings.Contains(command, "COMMIT") {
			return mysqltest.CutAfter
		}
		return mysqltest.Pass
	})
	runs := 0
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		runs++
		_, err := tx.InsertUser(someone("a"))
		return err
	})
	wantKind(t, err, fault.Unavailable)
	if runs != 1 || !strings.Contains(err.Error(), "whether it was committed is not known") {
		t.Errorf("got %v after %d runs, want the doubt reported after one", err, runs)
	}
}

// TestInTx_ReadOnly makes the database read-only, and back.
func TestInTx_ReadOnly(t *testing.T) {
	t.Parallel()
	s, o := openNew(t)
	id := insert(t, s, "a")
	t.Cleanup(func() { mysqltest.Admin(t, "ALTER DATABASE "+o.Database+" READ ONLY = 0") })
	mysqltest.Admin(t, "ALTER DATABASE "+o.Database+" READ ONLY = 1")
	_, err := tryInsert(t, s, "b")
	wantKind(t, err, fault.Unavailable)
	if _, err := s.FindUser(t.Context(), id); err != nil {
		t.Errorf("FindUser: got %v, want reading to go on", err)
	}
	mysqltest.Admin(t, "ALTER DATABASE "+o.Database+" READ ONLY = 0")
	insert(t, s, "b")
}

// TestInTx_Demoted has the server say that it is a replica now, on each
// connection, and stop when the store has left all of them.
func TestInTx_Demoted(t *testing.T) {
	t.Parallel()
	p, o := mysqltest.NewProxy(t, storetest.NewDatabase(t))
	s := open(t, o)
	id := insert(t, s, "a")
	var refused atomic.Int64
	p.Judge(func(command string) mysqltest.Verdict {
		if strings.Contains(command, "INSERT") {
			refused.Add(1)
			return mysqltest.Demoted
		}
		return mysqltest.Pass
	})
	_, err := tryInsert(t, s, "b")
	wantKind(t, err, fault.Unavailable)
	if got := refused.Load(); got != 3 {
		t.Errorf("got %d attempts, want 3, each on another connection", got)
	}
	if _, err := s.FindUser(t.Context(), id); err != nil {
		t.Errorf("FindUser: got %v, want reading to go on", err)
	}
	p.Judge(nil)
	insert(t, s, "b")
}

// TestGone has the server away for a while.
func TestGone(t *testing.T) {
	t.Parallel()
	p, o := mysqltest.NewProxy(t, storetest.NewDatabase(t))
	s := open(t, o)
	for round := range 3 {
		id := insert(t, s, fmt.Sprint("user", round))
		p.Stop(t)
		_, err := tryInsert(t, s, "lost")
		wantKind(t, err, fault.Unavailable)
		_, err = s.FindUser(t.Context(), id)
		wantKind(t, err, fault.Unavailable)
		p.Start(t)
		if _, err := s.FindUser(t.Context(), id); err != nil {
			t.Errorf("got %v, want an answer as soon as the server is back", err)
		}
	}
	wantTotal(t, s, 3)
}

// TestPool has many more callers than connections: no more transactions are
// under way at once than there may be connections, and no call is refused.
func TestPool(t *testing.T) {
	t.Parallel()
	o := storetest.NewDatabase(t)
	o.PoolSize, o.MaxOverflow = 3, 2
	s := open(t, o)
	var running, most atomic.Int64
	var wait sync.WaitGroup
	for i := range 200 {
		wait.Go(func() {
			err := s.InTx(t.Context(), func(tx user.Tx) error {
				n := running.Add(1)
				defer running.Add(-1)
				for high := most.Load(); n > high && !most.CompareAndSwap(high, n); high = most.Load() {
				}
				_, err := tx.InsertUser(someone(fmt.Sprint("user", i)))
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := most.Load(); got < 1 || got > 5 {
		t.Errorf("got %d transactions at once, want 1 to 5", got)
	}
	wantTotal(t, s, 200)
}

func TestClose(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	entered, left := make(chan struct{}), make(chan error, 1)
	go func() {
		left <- s.InTx(t.Context(), func(tx user.Tx) error {
			close(entered)
			_, err := tx.InsertUser(someone("a"))
			return err
		})
	}()
	<-entered
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-left; err != nil {
		t.Errorf("got %v, want Close to wait for the call", err)
	}
	_, err := s.FindUser(t.Context(), 1)
	wantKind(t, err, fault.Unavailable)
	_, err = tryInsert(t, s, "b")
	wantKind(t, err, fault.Unavailable)
}

// TestInTx_StopsAfterFailure checks that a function that goes on after a
// failure does nothing more.
func TestInTx_StopsAfterFailure(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		_, _ = tx.InsertUser(someone(strings.Repeat("x", 101)))
		_, err := tx.InsertUser(someone("b"))
		if err == nil {
			err = errors.New("it went on")
		}
		_ = err
		return nil
	})
	wantKind(t, err, fault.Invalid)
	wantTotal(t, s, 0)
}

// TestInsertUser_PacketTooLarge has the server accept less than a user takes: no
// connection is lost to it.
func TestInsertUser_PacketTooLarge(t *testing.T) {
	t.Parallel()
	_, o := openNew(t)
	s := open(t, mysql.WithMaxPacket(o, 1<<20))
	u := someone("large")
	for _, length := range []int{1<<20 + 1, 8 << 20} {
		u.Address = form.TextOf(strings.Repeat("x", length))
		err := s.InTx(t.Context(), func(tx user.Tx) error {
			_, err := tx.InsertUser(u)
			return err
		})
		wantKind(t, err, fault.TooLarge)
	}
	insert(t, s, "small")
	wantTotal(t, s, 1)
}

// TestInsertUser_NoIDLeft sets the id column's counter to its end.
func TestInsertUser_NoIDLeft(t *testing.T) {
	t.Parallel()
	s, o := openNew(t)
	mysqltest.Exec(t, mysqltest.Connect(t, o.Database), "ALTER TABLE t_users AUTO_INCREMENT = 2147483647")
	if id := insert(t, s, "last"); id != 2147483647 {
		t.Errorf("got id %d", id)
	}
	_, err := tryInsert(t, s, "more")
	wantKind(t, err, fault.Full)
}
