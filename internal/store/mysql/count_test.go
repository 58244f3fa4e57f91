package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// TestSharedCount_OneForAll has a hundred callers come while a count runs: one
// more is enough for all of them.
func TestSharedCount_OneForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared mysql.SharedCount
		var taken atomic.Int64
		take := func() (int64, error) {
			n := taken.Add(1)
			time.Sleep(time.Second)
			return n, nil
		}
		var group sync.WaitGroup
		call := func(want int64) {
			group.Go(func() {
				if n, err := shared.Wait(t.Context(), take); n != want || err != nil {
					t.Errorf("got count %d, %v; want count %d", n, err, want)
				}
			})
		}
		call(1)
		synctest.Wait()
		for range 100 {
			call(2)
		}
		group.Wait()
		call(3)
		group.Wait()
	})
}

// TestSharedCount_NeverOld: whatever was true when a caller came shows in what
// it gets, with many callers and writers at any moment.
func TestSharedCount_NeverOld(t *testing.T) {
	t.Parallel()
	var shared mysql.SharedCount
	var rows, taken atomic.Int64
	take := func() (int64, error) {
		taken.Add(1)
		return rows.Load(), nil
	}
	const callers, each = 32, 500
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range each {
				least := rows.Add(1)
				if n, err := shared.Wait(t.Context(), take); n < least || err != nil {
					t.Errorf("got %d, %v; %d were there before the call", n, err, least)
				}
			}
		})
	}
	group.Wait()
	if n := taken.Load(); n >= callers*each {
		t.Errorf("%d calls took %d counts: nothing was shared", callers*each, n)
	}
}

func TestSharedCount_Failure(t *testing.T) {
	t.Parallel()
	var shared mysql.SharedCount
	broken := errors.New("broken")
	if _, err := shared.Wait(t.Context(), func() (int64, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the count's error", err)
	}
	if n, err := shared.Wait(t.Context(), func() (int64, error) { return 7, nil }); n != 7 || err != nil {
		t.Errorf("afterwards: got %d, %v; want 7", n, err)
	}
}

// TestSharedCount_GivesUp: a caller who goes leaves the count to the others.
func TestSharedCount_GivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared mysql.SharedCount
		release := make(chan struct{})
		take := func() (int64, error) {
			<-release
			return 7, nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := shared.Wait(ctx, take); !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up: got %v, want context.Canceled", err)
			}
		})
		synctest.Wait()
		for range 2 {
			group.Go(func() {
				if n, err := shared.Wait(t.Context(), take); n != 7 || err != nil {
					t.Errorf("who stayed: got %d, %v; want 7", n, err)
				}
			})
		}
		cancel()
		synctest.Wait()
		close(release)
		group.Wait()
		if _, err := shared.Wait(ctx, func() (int64, error) {
			t.Error("it counts for a caller who has gone")
			return 0, nil
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	})
}

// TestSharedCount_Hangs: one count that hangs does not hold the others up.
func TestSharedCount_Hangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared mysql.SharedCount
		var group sync.WaitGroup
		for want, lasts := range []time.Duration{time.Hour, time.Hour, 0, 0} {
			group.Go(func() {
				n, err := shared.Wait(t.Context(), func() (int64, error) {
					time.Sleep(lasts)
					return int64(want), nil
				})
				if n != int64(want) || err != nil {
					t.Errorf("got %d, %v; want %d", n, err, want)
				}
			})
			time.Sleep(700 * time.Millisecond)
		}
		begin := time.Now()
		group.Wait()
		if took := time.Since(begin); took > time.Hour {
			t.Errorf("they took %v, one after the other", took)
		}
	})
}

// TestCount_AmongWriters counts in the midst of commits, of this process and
// of another: each count holds what was committed before the call.
func TestCount_AmongWriters(t *testing.T) {
	t.Parallel()
	s, o := openNew(t)
	other := mysqltest.Connect(t, o.Database)
	other.SetMaxOpenConns(2)
	var committed atomic.Int64
	var group sync.WaitGroup
	for writer := range 8 {
		group.Go(func() {
			for i := range 20 {
				name := fmt.Sprintf("user-%d-%d", writer, i)
				if writer%2 == 0 {
					insert(t, s, name)
				} else if _, err := other.ExecContext(t.Context(), foreign, name, name+"@example.com"); err != nil {
					t.Error(err)
				}
				wantAtLeast(t, s, committed.Add(1))
			}
		})
	}
	group.Wait()
	wantTotal(t, s, 160)
}

// foreign is what another program may insert.
const foreign = "INSERT INTO t_users (username, email, is_active, created_at, updated_at) VALUES (?, ?, 1, NOW(6), NOW(6))"

func wantAtLeast(t *testing.T, s *store.Store, least int64) {
	t.Helper()
	if got, err := s.CountUsers(t.Context(), user.Query{}); err != nil || got < least {
		t.Errorf("CountUsers: got %d, %v; want %d or more", got, err, least)
	}
	if got, err := s.CountActiveUsers(t.Context()); err != nil || got < least {
		t.Errorf("CountActiveUsers: got %d, %v; want %d or more", got, err, least)
	}
}

// TestCount_ServerGone: all who share a count get its error, and the
// next one is another try.
func TestCount_ServerGone(t *testing.T) {
	t.Parallel()
	_, o := openNew(t)
	proxy, through := mysqltest.NewProxy(t, o)
	s := open(t, through)
	proxy.Judge(func(command string) mysqltest.Verdict {
		if strings.HasPrefix(command, "SELECT COUNT") {
			return mysqltest.CutBefore
		}
		return mysqltest.Pass
	})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := s.CountUsers(t.Context(), user.Query{})
			wantKind(t, err, fault.Unavailable)
		})
	}
	group.Wait()
	proxy.Judge(nil)
	wantTotal(t, s, 0)
}

// TestCount_Closing closes the store among counts: each is answered.
func TestCount_Closing(t *testing.T) {
	t.Parallel()
	o := storetest.NewDatabase(t)
	s, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var err error
			for err == nil {
				_, err = s.CountUsers(t.Context(), user.Query{})
			}
			wantKind(t, err, fault.Unavailable)
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
}
