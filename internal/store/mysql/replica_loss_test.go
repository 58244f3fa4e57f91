package mysql_test

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"roster/internal/store/mysqltest"
)

// TestReplica_Gone has the replica go and come back while many read.
func TestReplica_Gone(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Hour, patience)
	id := insert(t, f.Store, "a")
	pair.CatchUp(t)
	end := underLoad(t, f, id)
	for round := range 3 {
		f.proxy.Stop(t)
		f.log.await(t, leftOut, round+1)
		f.proxy.Start(t)
		f.log.await(t, inUse, round+2)
	}
	end()
}

// underLoad has many read from the replica until end is called. None may fail.
func underLoad(t *testing.T, f *follower, id int64) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for ctx.Err() == nil && f.relaxed(t, id) {
			}
			if ctx.Err() == nil {
				t.Error("a read failed while the replica was not there")
			}
		})
	}
	before := f.reads.Load()
	for f.reads.Load() < before+8 {
		f.relaxed(t, id)
	}
	return func() {
		before := f.reads.Load()
		for limit := time.Now().Add(patience); f.reads.Load() < before+8 && time.Now().Before(limit); {
			f.relaxed(t, id)
		}
		if f.reads.Load() < before+8 {
			t.Error("the replica is not read from any more")
		}
		cancel()
		wait.Wait()
	}
}

// TestReplica_OwnWrites stops the replica from applying what it gets.
func TestReplica_OwnWrites(t *testing.T) { //nolint:paralleltest // it stops the replica
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Hour, patience)
	mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA SQL_THREAD")
	id := insert(t, f.Store, "late")
	if !found(t, f.Store, t.Context(), id) {
		t.Error("who wrote does not find it")
	}
	if f.relaxed(t, id) {
		t.Error("the replica has what it cannot have")
	}
	mysqltest.Exec(t, pair.Replica.DB, "START REPLICA SQL_THREAD")
	pair.CatchUp(t)
	if before := f.reads.Load(); !f.relaxed(t, id) || f.reads.Load() != before+1 {
		t.Error("the replica has caught up and is not read from, or does not have it")
	}
}

// TestReplica_Lag lets the replica fall behind the limit. It cannot have what
// was written then, so who finds that has read from the primary.
func TestReplica_Lag(t *testing.T) { //nolint:paralleltest // it stops the replica
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Second, patience)
	for round := range 2 {
		mysqltest.Exec(t, pair.Replica.DB, "STOP REPLICA SQL_THREAD")
		id := insert(t, f.Store, fmt.Sprint("late", round))
		eventually(t, "the replica is left out", func() bool { return f.relaxed(t, id) })
		f.log.await(t, "it lags too far behind", round+1)
		for range 10 {
			if !f.relaxed(t, id) {
				t.Error("the replica is read from although it lags")
			}
		}
		mysqltest.Exec(t, pair.Replica.DB, "START REPLICA SQL_THREAD")
		before := f.reads.Load()
		eventually(t, "the replica is in use again", func() bool { return f.relaxed(t, id) && f.reads.Load() > before })
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit, next := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer next.Stop()
	for !holds() {
		select {
		case <-next.C:
		case <-limit:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// TestReplica_Frozen has the replica hang: neither reads under way nor later ones wait
// for it.
func TestReplica_Frozen(t *testing.T) { //nolint:paralleltest // it stops the replica
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Hour, time.Second)
	id := insert(t, f.Store, "a")
	pair.CatchUp(t)
	end := underLoad(t, f, id)
	pair.Replica.Signal(t, syscall.SIGSTOP)
	f.log.await(t, leftOut, 1)
	if !f.relaxed(t, id) {
		t.Error("the row is missing, want the primary's")
	}
	pair.Replica.Signal(t, syscall.SIGCONT)
	f.log.await(t, inUse, 2)
	end()
}

// TestReplica_Killed kills the replica, and starts it again.
func TestReplica_Killed(t *testing.T) { //nolint:paralleltest // it stops the replica
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Hour, patience)
	id := insert(t, f.Store, "a")
	pair.CatchUp(t)
	end := underLoad(t, f, id)
	pair.Replica.Kill(t)
	f.log.await(t, leftOut, 1)
	later := insert(t, f.Store, "meanwhile")
	if !f.relaxed(t, later) {
		t.Error("the row is missing, want the primary's")
	}
	pair.Replica.Start(t)
	f.log.await(t, inUse, 2)
	end()
	pair.CatchUp(t)
	if !f.relaxed(t, later) {
		t.Error("the row is missing after the replica has caught up")
	}
}
