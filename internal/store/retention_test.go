package store_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/task"
)

// testDrop shows that what is done goes when it is old, and what is dead stays.
func testDrop(t *testing.T, s *store.Store) {
	ids := enqueue(t, s, chore("a", 1), chore("a", 2), chore("a", 3), chore("a", 4))
	states := []task.State{task.Done, task.Canceled, task.Dead}
	for i, one := range claim(t, s, "l", 0, 3) {
		finish(t, s, "l", one, task.Outcome{State: states[i], At: noon})
	}
	if n, err := s.DropTasks(t.Context(), noon, 10); err != nil || n != 0 {
		t.Errorf("got %d, %v dropped too early", n, err)
	}
	if n, err := s.DropTasks(t.Context(), noon.Add(time.Second), 10); err != nil || n != 2 {
		t.Errorf("got %d, %v, want the two that are done and canceled", n, err)
	}
	wantState(t, s, ids[2], task.Dead)
	wantState(t, s, ids[3], task.Pending)
}

// testDropDeliveries shows that the deliveries of a task go before it, some at a
// time, and that no others do.
func testDropDeliveries(t *testing.T, s *store.Store) {
	const users = 21
	ids := enqueue(t, s, chore("a", 1), chore("a", 2))
	for _, id := range ids {
		deliver(t, s, id, users)
	}
	finish(t, s, "l", claim(t, s, "l", 0, 1)[0], task.Outcome{State: task.Done, At: noon})
	for call, want := range []int64{10, 10, 1, 1, 0} {
		if n, err := s.DropTasks(t.Context(), noon.Add(time.Second), 10); err != nil || n != want {
			t.Errorf("call %d: got %d, %v, want %d", call+1, n, err, want)
		}
	}
	for i, want := range []int64{0, users} {
		if counts, err := s.CountDeliveries(t.Context(), ids[i]); err != nil || counts[job.Bounced] != want {
			t.Errorf("task %d: got %v, %v, want %d deliveries", i+1, counts, err, want)
		}
	}
}

// deliver notes deliveries of a task to n users.
func deliver(t *testing.T, s *store.Store, id int64, n int) {
	t.Helper()
	const row = "(?, ?, 'bounced', '', '2026-11-23 12:00:00')"
	var values []driver.Value
	for user := range int64(n) {
		values = append(values, id, user+1)
	}
	run(t, s, "INSERT INTO roster_deliveries (task_id, user_id, state, error, changed_at) VALUES "+row+strings.Repeat(", "+row, n-1), values...)
}

// run runs a statement.
func run(t *testing.T, s *store.Store, statement string, values ...driver.Value) {
	t.Helper()
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		conn, ok := tx.(sqldb.Conn)
		if !ok {
			return fmt.Errorf("%T runs no statements", tx)
		}
		_, err := conn.Exec(statement, values...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testDropOld shows, for each table whose rows end by themselves, that those
// from before a moment go, the oldest first and some at a time, and no others.
func testDropOld(t *testing.T, s *store.Store) {
	for _, c := range []struct {
		table, insert string
		drop          func(ctx context.Context, before time.Time, limit int) (int64, error)
	}{
		{"roster_task_slots", "INSERT INTO roster_task_slots (schedule_id, slot) VALUES (?, ?)", s.DropSlots},
		{"roster_sessions", "INSERT INTO roster_sessions (token_digest, account_id, mark, created_at, seen_at, confirmed_at," +
			" needs_code, address, user_agent, ends_at) VALUES (?, 1, '', '2026-01-01', '2026-01-01', '2026-01-01', 0, '', '', ?)", s.DropSessions},
		{"roster_counters", "INSERT INTO roster_counters (counter_key, started, used, ends) VALUES (?, 1, 1, ?)", s.DropCounters},
		{"roster_idempotency_keys", "INSERT INTO roster_idempotency_keys (key_hash, answer, created_at) VALUES (?, '', ?)", s.DropKeys},
	} {
		for i := range 7 {
			var at driver.Value = sqldb.FormatTime(noon.Add(time.Duration(i) * time.Second))
			if c.table == "roster_counters" {
				at = noon.Add(time.Duration(i) * time.Second).UnixMicro()
			}
			run(t, s, c.insert, int64(i), at)
		}
		for call, want := range []int64{3, 2, 0} {
			if n, err := c.drop(t.Context(), noon.Add(5*time.Second), 3); err != nil || n != want {
				t.Errorf("%s, call %d: got %d, %v, want %d", c.table, call+1, n, err, want)
			}
		}
		if n, err := c.drop(t.Context(), noon.Add(time.Hour), 3); err != nil || n != 2 {
			t.Errorf("%s: got %d, %v, want the two that were kept", c.table, n, err)
		}
	}
}
