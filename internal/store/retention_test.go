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

// testDropHistory shows that dead tasks, reports, and rows of Django's admin log
// go where that was asked for.
func testDropHistory(t *testing.T, s *store.Store) {
	enqueue(t, s, chore("a", 1), chore("a", 2))
	for i, one := range claim(t, s, "l", 0, 2) {
		finish(t, s, "l", one, task.Outcome{State: []task.State{task.Done, task.Dead}[i], At: noon})
	}
	for _, day := range []string{"2026-11-20", "2026-11-21", "2026-11-22"} {
		if err := s.SaveReport(t.Context(), job.Report{Day: day}, noon); err != nil {
			t.Fatal(err)
		}
	}
	run(t, s, "INSERT INTO auth_user (id, username, password, is_superuser, last_name, email, is_staff, is_active, date_joined, first_name)"+
		" VALUES (1, 'ann', '', 0, '', '', 1, 1, '2026-01-01', '')")
	for i := range 5 {
		run(t, s, "INSERT INTO django_admin_log (action_time, object_repr, action_flag, change_message, user_id) VALUES (?, 'x', 1, '', 1)",
			sqldb.FormatTime(noon.Add(time.Duration(i)*time.Hour)))
	}
	for _, c := range []struct {
		table  string
		drop   func(ctx context.Context, before time.Time, limit int) (int64, error)
		before time.Time
		want   []int64 // by call
	}{
		{"dead tasks", s.DropDeadTasks, noon, []int64{0}},
		{"dead tasks", s.DropDeadTasks, noon.Add(time.Second), []int64{1, 0}},
		{"reports", s.DropReports, noon.AddDate(0, 0, -1), []int64{2, 0}},
		{"admin log", s.DropAdminLog, noon, []int64{0}},
		{"admin log", s.DropAdminLog, noon.Add(150 * time.Minute), []int64{2, 1, 0}},
	} {
		for call, want := range c.want {
			if n, err := c.drop(t.Context(), c.before, 2); err != nil || n != want {
				t.Errorf("%s before %v, call %d: got %d, %v, want %d", c.table, c.before, call+1, n, err, want)
			}
		}
	}
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
