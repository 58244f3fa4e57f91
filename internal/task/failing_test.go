package task_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// flaky is a timetable that fails with an error, and counts how often it is read.
type flaky struct {
	*store.Store
	mu   sync.Mutex
	err  error
	read int
}

func (f *flaky) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *flaky) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read
}

func (f *flaky) Clock(ctx context.Context) (time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return time.Time{}, f.err
	}
	return f.Store.Clock(ctx)
}

func (f *flaky) ListSchedules(ctx context.Context) ([]schedule.Row, error) {
	f.mu.Lock()
	f.read++
	f.mu.Unlock()
	return f.Store.ListSchedules(ctx)
}

// A beat whose storage fails logs each error once, and once more after it had worked.
// Its schedules go on then.
func TestBeat_StorageFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &flaky{Store: open(t)}
		sql(t, f.Store, everyTenSeconds, entry(1, "work", "{}", time.Now(), "interval_id", "0, 1"))
		var log strings.Builder
		var mu sync.Mutex
		b := task.StartBeat(f, task.NewRegistry(nothing), slog.New(slog.NewTextHandler(&locked{w: &log, mu: &mu}, nil)))
		defer b.Stop()
		pause(15 * time.Second)
		down, gone := fault.New(fault.Unavailable, "It is down."), fault.New(fault.Unavailable, "It is gone.")
		for i, c := range []struct {
			err   error
			lines int
		}{{nil, 0}, {down, 1}, {down, 1}, {gone, 2}, {down, 3}, {nil, 3}, {down, 4}, {nil, 4}} {
			f.fail(c.err)
			pause(20 * time.Second)
			mu.Lock()
			if got := strings.Count(log.String(), "schedules cannot be followed"); got != c.lines {
				t.Errorf("step %d, %v: got %d lines, want %d:\n%s", i, c.err, got, c.lines, &log)
			}
			mu.Unlock()
		}
		before := len(tasksOf(t, f.Store))
		pause(20 * time.Second)
		if got := len(tasksOf(t, f.Store)); got != before+2 {
			t.Errorf("got %d tasks in 20 s, want 2", got-before)
		}
	})
}

// Schedules that are not edited are read once a minute, and after an edit.
func TestBeat_ReadsSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &flaky{Store: open(t)}
		sql(t, f.Store, everyTenSeconds, edited(time.Now()), entry(1, "work", "{}", time.Now(), "interval_id", "0, 1"))
		b := task.StartBeat(f, task.NewRegistry(nothing), quiet())
		defer b.Stop()
		pause(50 * time.Second)
		if got := f.reads(); got != 1 {
			t.Errorf("read %d times in 50 s, want once", got)
		}
		sql(t, f.Store, "UPDATE django_celery_beat_periodictasks SET last_update = '2030-01-01 00:00:00'")
		pause(6 * time.Second)
		if got := f.reads(); got != 2 {
			t.Errorf("read %d times after an edit, want twice", got)
		}
		pause(5 * time.Minute)
		if got := f.reads(); got != 7 {
			t.Errorf("read %d times in 5 minutes more, want 5", got-2)
		}
	})
}

// What a person does with a task is recorded by what it changes.
func TestTasks_RecordChanges(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	service := task.NewTasks(s, task.NewRegistry(nothing), func() time.Time { return now }, quiet())
	root := access.System("test")
	for name, c := range map[string]struct {
		set  string
		do   func(context.Context, access.Actor, int64) error
		want string
	}{
		"cancel a pending one": {"state = 'pending'", service.Cancel, "[{state pending canceled}]"},
		"cancel a running one": {"state = 'running'", service.Cancel, "[{cancel_asked false true}]"},
		"retry a dead one":     {"state = 'dead'", service.Retry, "[{state dead pending}]"},
		"retry one that waits": {"state = 'delayed', runs = 1, run_at = '2026-11-23 13:00:00'", service.Retry, "[{run_at 2026-11-23T13:00:00Z 2026-11-23T12:00:00Z}]"},
	} {
		id := enqueue(t, s, nothing, 1)[0]
		sql(t, s, fmt.Sprintf("UPDATE roster_tasks SET %s WHERE id = %d", c.set, id))
		if err := c.do(t.Context(), root, id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		entries, err := s.FilterAudit(t.Context(), audit.Filter{ObjectType: "task", ObjectID: id}, 0, 10)
		if err != nil || len(entries) != 1 || fmt.Sprint(entries[0].Changes) != c.want || !entries[0].At.Equal(now) || entries[0].Actor != "system:test" {
			t.Errorf("%s: got %+v, %v, want %s", name, entries, err, c.want)
		}
	}
}

// What tasks wait for is read in full, or not at all.
func TestInterrupt_Waits(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	one := kindOf(task.Kind{Concurrency: 1}, nil)
	prepared := storetest.Prepare(t, func(db *store.Store) {
		ids := enqueue(t, db, one, 2)
		sql(t, db, fmt.Sprintf("UPDATE roster_tasks SET state = 'running' WHERE id = %d", ids[0]))
		if err := db.SaveWorker(t.Context(), task.WorkerInfo{ID: "w", Name: "w", Concurrency: 4, Running: 1, Started: at, Seen: time.Now().UTC()}); err != nil {
			t.Fatal(err)
		}
	})
	prepared.Interrupt(t, func(db *store.Store) (string, error) {
		service := task.NewTasks(db, task.NewRegistry(one), func() time.Time { return at }, quiet())
		all, err := service.List(t.Context(), access.System("test"), task.Filter{State: task.Pending}, 0, 10)
		if err == nil && (len(all) != 1 || all[0].Waits != "for another work to end: 1 may run at a time") {
			t.Errorf("got %+v", all)
		}
		return fmt.Sprint(waits(all)), err
	})
}
