package task_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/task"
)

// A run that is continued later is no failed attempt, waits as long as it says, and
// keeps what it says.
func TestWorker_Later(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var runs atomic.Int32
		k := kindOf(task.Kind{MaxAttempts: 1}, func(context.Context, *task.Job, int) error {
			switch runs.Add(1) {
			case 1:
				return &task.Later{In: time.Minute, Reason: "more to do"}
			case 2:
				return &task.Later{In: -time.Hour}
			}
			return nil
		})
		id := enqueue(t, s, k, 1)[0]
		start(t, s, task.Options{}, k)
		pause(30 * time.Second)
		if got := want(t, s, id, task.Pending); got.Error != "more to do" || got.Attempts != 0 || got.Runs != 1 {
			t.Errorf("got %+v", got)
		}
		if took := await(t, s, id, task.Done, 5*time.Minute); took < 28*time.Second || took > time.Minute {
			t.Errorf("done after %s, want half a minute", took)
		}
		if got := want(t, s, id, task.Done); got.Runs != 3 || got.Attempts != 0 {
			t.Errorf("got %+v", got)
		}
	})
}

// A resting task leaves its slot to others, keeps its lease, and counts for nothing
// but its rest.
func TestJob_Rest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		k := kindOf(task.Kind{Concurrency: 1, Timeout: time.Hour}, func(ctx context.Context, job *task.Job, n int) error {
			if n == 0 {
				return job.Rest(ctx, 5*time.Minute)
			}
			return job.Rest(ctx, -time.Second)
		})
		ids := enqueue(t, s, k, 3)
		start(t, s, task.Options{Concurrency: 1}, k)
		pause(10 * time.Second)
		want(t, s, ids[1], task.Done)
		want(t, s, ids[2], task.Done)
		pause(4 * time.Minute)
		if got := want(t, s, ids[0], task.Running); got.Runs != 1 {
			t.Errorf("got %+v, want its lease kept", got)
		}
		pause(time.Minute)
		want(t, s, ids[0], task.Done)
	})
}

// A resting task ends at once when it is canceled, and is released when the worker
// stops, without patience.
func TestJob_RestEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		k := kindOf(task.Kind{Timeout: 2 * time.Hour}, func(ctx context.Context, job *task.Job, _ int) error { return job.Rest(ctx, time.Hour) })
		ids := enqueue(t, s, k, 2)
		stop := start(t, s, task.Options{}, k)
		pause(5 * time.Second)
		if err := s.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.CancelTask(ids[0], time.Now()) }); err != nil {
			t.Fatal(err)
		}
		pause(10 * time.Second)
		want(t, s, ids[0], task.Canceled)
		begin := time.Now()
		stop(time.Hour)
		if got := want(t, s, ids[1], task.Pending); got.Attempts != 0 || time.Since(begin) > time.Second {
			t.Errorf("got %+v after %s", got, time.Since(begin))
		}
	})
}
