package task_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/access"
	"roster/internal/task"
)

// A waiting task says what it waits for, whichever way it is read.
func TestTasks_Waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		hold := func(ctx context.Context, _ *task.Job, _ args) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		one := task.Define(task.Kind{Name: "one", Version: 1, Concurrency: 1}, hold)
		many := task.Define(task.Kind{Name: "many", Version: 1}, hold)
		tasks := task.NewTasks(s, task.NewRegistry(one, many), time.Now, quiet())
		actor := access.System("test")
		begin := func(kind, queue string) int64 {
			id, err := tasks.Start(t.Context(), actor, kind, nil, queue)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		wantWaits := func(id int64, state task.State, want string) {
			t.Helper()
			got, err := tasks.Find(t.Context(), actor, id)
			if err != nil || got.State != state || got.Waits != want {
				t.Errorf("found %d: got %s, %q, %v, want %s, %q", id, got.State, got.Waits, err, state, want)
			}
			listed, err := tasks.List(t.Context(), actor, task.Filter{After: id - 1, Through: id}, 0, 1)
			if err != nil || len(listed) != 1 || listed[0].Waits != want {
				t.Errorf("listed %d: got %+v, %v, want %q", id, listed, err, want)
			}
			searched, err := tasks.Search(t.Context(), actor, task.Filter{After: id - 1, Through: id, Words: []string{got.Kind}}, 0, 1)
			if err != nil || len(searched.Tasks) != 1 || searched.Tasks[0].Waits != want {
				t.Errorf("searched %d: got %+v, %v, want %q", id, searched, err, want)
			}
		}
		first := begin("one", "")
		wantWaits(first, task.Pending, "for a worker: none is running")
		stop := start(t, s, task.Options{Concurrency: 2, Queues: []string{"default", "mail"}}, one, many)
		pause(3 * time.Second)
		wantWaits(first, task.Running, "")
		second := begin("one", "mail")
		pause(3 * time.Second)
		wantWaits(second, task.Pending, "for another one to end: 1 may run at a time")
		begin("many", "")
		pause(10 * time.Second)
		third := begin("many", "")
		pause(3 * time.Second)
		wantWaits(third, task.Pending, "for a worker: all are busy")
		elsewhere := begin("many", "elsewhere")
		wantWaits(elsewhere, task.Pending, `for a worker that serves the queue "elsewhere": none is running`)
		if err := tasks.Cancel(t.Context(), actor, third); err != nil {
			t.Fatal(err)
		}
		wantWaits(third, task.Canceled, "")
		stop(0)
		n, err := many.New(time.Now(), "test", args{})
		if err != nil {
			t.Fatal(err)
		}
		n.RunAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
		var later int64
		if err := s.InTaskTx(t.Context(), func(tx task.Tx) (err error) { later, err = tx.Enqueue(n); return err }); err != nil {
			t.Fatal(err)
		}
		wantWaits(later, task.Pending, "until 2030-01-02 03:04:05 UTC")
	})
}

// Each of what a task may wait for is named alone, and at its limit.
func TestWaits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ready := task.Task{New: task.New{Kind: "mail", Queue: "b", Version: 3, RunAt: now}, State: task.Pending}
	with := func(change func(*task.Task)) task.Task { one := ready; change(&one); return one }
	worker := func(queues string, running int) task.WorkerInfo {
		return task.WorkerInfo{Queues: queues, Running: running, Concurrency: 2}
	}
	const busy, unserved, none = "for a worker: all are busy", `for a worker that serves the queue "b": none is running`, "for a worker: none is running"
	for name, c := range map[string]struct {
		task    task.Task
		atOnce  int   // of the kind, in a process
		running int64 // of the kind
		workers []task.WorkerInfo
		want    string
	}{
		"nothing":               {ready, 0, 99, []task.WorkerInfo{worker("", 1)}, ""},
		"parked":                {with(func(t *task.Task) { t.State = task.Parked }), 0, 0, nil, "for a worker that reads version 3 of the arguments"},
		"running":               {with(func(t *task.Task) { t.State = task.Running }), 0, 0, nil, ""},
		"done":                  {with(func(t *task.Task) { t.State = task.Done }), 0, 0, nil, ""},
		"a moment":              {with(func(t *task.Task) { t.RunAt = now.Add(time.Second) }), 0, 0, nil, "until 2026-11-23 12:00:01 UTC"},
		"a moment that is past": {with(func(t *task.Task) { t.RunAt = now.Add(-time.Microsecond) }), 0, 0, []task.WorkerInfo{worker("", 0)}, ""},
		"no worker":             {ready, 0, 0, nil, none},
		"every queue":           {ready, 0, 0, []task.WorkerInfo{worker("", 0)}, ""},
		"its queue":             {ready, 0, 0, []task.WorkerInfo{worker("a,b", 0)}, ""},
		"another queue":         {ready, 0, 0, []task.WorkerInfo{worker("a,bb", 0), worker("c", 0)}, unserved},
		"one place left":        {ready, 0, 0, []task.WorkerInfo{worker("", 2), worker("", 1)}, ""},
		"no place left":         {ready, 0, 0, []task.WorkerInfo{worker("", 2), worker("b", 3)}, busy},
		"places of others":      {ready, 0, 0, []task.WorkerInfo{worker("", 2), worker("a", 0)}, busy},
		"one less than at once": {ready, 2, 3, []task.WorkerInfo{worker("", 1), worker("b", 1), worker("a", 1)}, ""},
		"as many as at once":    {ready, 2, 4, []task.WorkerInfo{worker("", 1), worker("b", 1), worker("a", 1)}, "for another mail to end: 4 may run at a time"},
		"more than at once":     {ready, 2, 5, []task.WorkerInfo{worker("", 1), worker("b", 1)}, "for another mail to end: 4 may run at a time"},
	} {
		running := map[string]int64{"mail": c.running, "other": 99}
		if got := task.WaitsFor(c.task, task.Kind{Name: "mail", Concurrency: c.atOnce}, now, running, c.workers...); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
