package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/user"
)

// Each removal takes the rows from before a time, and those alone: not one of
// exactly that time, no younger one, and no more than its limit.
func TestDrop_Limits(t *testing.T) {
	t.Parallel()
	row := func(statement string) func(*testing.T, *store.Store, time.Time) {
		n := 100
		return func(t *testing.T, s *store.Store, at time.Time) {
			t.Helper()
			n++
			run(t, s, fmt.Sprintf(statement, n, sqldb.FormatTime(at)))
		}
	}
	for name, c := range map[string]struct {
		table string
		add   func(*testing.T, *store.Store, time.Time)
		drop  func(*store.Store) func(ctx context.Context, before time.Time, limit int) (int64, error)
	}{
		"slots": {"roster_task_slots", row("INSERT INTO roster_task_slots (schedule_id, slot) VALUES (%d, '%s')"),
			func(s *store.Store) func(context.Context, time.Time, int) (int64, error) { return s.DropSlots }},
		"counters": {"roster_counters", func(t *testing.T, s *store.Store, at time.Time) {
			t.Helper()
			use := auth.Use{Key: at.String(), Rate: auth.Rate{Limit: 5, Window: time.Minute}}
			if _, err := s.Take(t.Context(), at.Add(-time.Minute), use); err != nil {
				t.Fatal(err)
			}
		}, func(s *store.Store) func(context.Context, time.Time, int) (int64, error) { return s.DropCounters }},
		"tasks": {"roster_tasks", func(t *testing.T, s *store.Store, at time.Time) {
			t.Helper()
			id := enqueue(t, s, chore("a", 1))[0]
			run(t, s, fmt.Sprintf("UPDATE roster_tasks SET state = 'canceled', finished_at = '%s' WHERE id = %d", sqldb.FormatTime(at), id))
		}, func(s *store.Store) func(context.Context, time.Time, int) (int64, error) { return s.DropTasks }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.OpenSQLite(t)
			for _, at := range []time.Duration{-2 * time.Microsecond, -time.Microsecond, 0, time.Microsecond} {
				c.add(t, s, noon.Add(at))
			}
			for call, want := range []int64{1, 1, 0} {
				if n, err := c.drop(s)(t.Context(), noon, 1); err != nil || n != want {
					t.Errorf("call %d: got %d, %v, want %d", call+1, n, err, want)
				}
			}
			if left, err := store.Texts(t.Context(), s, "SELECT COUNT(*) FROM "+c.table); err != nil || left[0] != "2" {
				t.Errorf("got %v rows left, %v, want the two that are not older", left, err)
			}
		})
	}
}

// The three values around limits that queries have.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	ctx := t.Context()
	around := []time.Duration{-time.Microsecond, 0, time.Microsecond}
	kept := user.User{Username: "ada", Email: "ada@example.com", CreatedAt: noon, UpdatedAt: noon}
	if err := s.InTx(ctx, func(tx user.Tx) error { return tx.Keep("key", kept) }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(ctx, noon.Add(-time.Minute), use("a")); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveWorker(ctx, task.WorkerInfo{ID: "w", Name: "w", Started: noon, Seen: noon}); err != nil {
		t.Fatal(err)
	}
	for i, d := range around {
		at := noon.Add(d)
		err := s.InTx(ctx, func(tx user.Tx) error { _, err := tx.FindKept("key", at); return err })
		if want := i < 2; want != (err == nil) || !want && fault.KindOf(err) != fault.NotFound {
			t.Errorf("a key of noon, oldest noon%+v: got %v", d, err)
		}
		if n, err := s.CountUses(ctx, "a", at); err != nil || n != []int64{1, 0, 0}[i] {
			t.Errorf("uses until noon, at noon%+v: got %d, %v", d, n, err)
		}
		if workers, err := s.ListWorkers(ctx, at); err != nil || len(workers) != []int{1, 1, 0}[i] {
			t.Errorf("a worker seen at noon, since noon%+v: got %d, %v", d, len(workers), err)
		}
	}
}

// As many uses as the limit are counted, and the next one waits for the end of the
// window, when counting begins again.
func TestTake_Limits(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	two := auth.Use{Key: "a", Rate: auth.Rate{Limit: 2, Window: time.Minute}}
	for _, c := range []struct {
		at, wait time.Duration
	}{
		{0, 0}, {0, 0}, {0, time.Minute}, {time.Minute - time.Microsecond, time.Microsecond}, {time.Minute, 0}, {time.Minute, 0}, {time.Minute, time.Minute},
	} {
		if wait, err := s.Take(t.Context(), noon.Add(c.at), two); err != nil || wait != c.wait {
			t.Errorf("after %v: got %v, %v, want %v", c.at, wait, err, c.wait)
		}
	}
	// Of several limits the longest wait counts, and none is used.
	one := auth.Use{Key: "b", Rate: auth.Rate{Limit: 1, Window: time.Hour}}
	for _, want := range []time.Duration{0, time.Hour} {
		if wait, err := s.Take(t.Context(), noon, one); err != nil || wait != want {
			t.Errorf("got %v, %v, want %v", wait, err, want)
		}
	}
	free := auth.Use{Key: "c", Rate: auth.Rate{Limit: 1, Window: time.Hour}}
	if wait, err := s.Take(t.Context(), noon, free, one); err != nil || wait != time.Hour {
		t.Errorf("got %v, %v, want an hour", wait, err)
	}
	if n, err := s.CountUses(t.Context(), "c", noon); err != nil || n != 0 {
		t.Errorf("got %d uses, %v, want none", n, err)
	}
}
