package task_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/fault"
	"roster/internal/task"
)

// frozen is a storage that a worker cannot reach while it is cut.
type frozen struct {
	task.Storage
	cut atomic.Bool
}

var errCut = fault.New(fault.Unavailable, "The database is not available.")

func (f *frozen) RenewTasks(ctx context.Context, lease string, until time.Time, runs []task.Run) ([]task.Held, error) {
	if f.cut.Load() {
		return nil, errCut
	}
	return f.Storage.RenewTasks(ctx, lease, until, runs)
}

func (f *frozen) FinishTask(ctx context.Context, lease string, run task.Run, o task.Outcome) (bool, error) {
	if f.cut.Load() {
		return false, errCut
	}
	return f.Storage.FinishTask(ctx, lease, run, o)
}

func (f *frozen) ClaimTasks(ctx context.Context, c task.Claim) ([]task.Task, error) {
	if f.cut.Load() {
		return nil, errCut
	}
	return f.Storage.ClaimTasks(ctx, c)
}

// A worker that cannot be reached loses its task to another within half a
// minute, also one that is not to be tried again, and what it says when it is
// back is dropped.
func TestWorker_LosesItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		f := &frozen{Storage: s}
		begun, ended := make(chan time.Time, 2), make(chan error, 1)
		first := kindOf(task.Kind{MaxAttempts: 1}, func(ctx context.Context, _ *task.Job, _ int) error {
			begun <- time.Now()
			<-ctx.Done()
			ended <- context.Cause(ctx)
			pause(time.Minute) // it does not listen at once
			return nil
		})
		second := kindOf(task.Kind{MaxAttempts: 1}, func(context.Context, *task.Job, int) error {
			begun <- time.Now()
			pause(2 * time.Minute)
			return nil
		})
		id := enqueue(t, s, first, 1)[0]
		start(t, f, task.Options{Name: "first"}, first)
		<-begun
		start(t, s, task.Options{Name: "second"}, second)
		f.cut.Store(true)
		cut := time.Now()
		if err := <-ended; err == nil || time.Since(cut) > task.Lease+2*time.Second {
			t.Errorf("the work was ended with %v after %s", err, time.Since(cut))
		}
		if again := <-begun; again.Sub(cut) > 30*time.Second {
			t.Errorf("it ran again after %s, want 30s at most", again.Sub(cut))
		}
		f.cut.Store(false)
		pause(90 * time.Second) // the first has returned
		if got := want(t, s, id, task.Running); got.Worker != "second" || got.Crashes != 1 || got.Attempts != 0 {
			t.Errorf("got %+v", got)
		}
		await(t, s, id, task.Done, time.Minute)
	})
}

// A worker whose storage is away for a moment when its work is done says so later.
func TestWorker_StoresTheOutcomeLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		f := &frozen{Storage: s}
		k := kindOf(task.Kind{}, func(context.Context, *task.Job, int) error {
			f.cut.Store(true)
			return nil
		})
		id := enqueue(t, s, k, 1)[0]
		start(t, f, task.Options{}, k)
		pause(10 * time.Second)
		want(t, s, id, task.Running)
		f.cut.Store(false)
		await(t, s, id, task.Done, 2*time.Second)
		if got := want(t, s, id, task.Done); got.Runs != 1 {
			t.Errorf("got %d runs", got.Runs)
		}
	})
}

func TestWorker_Check(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &frozen{Storage: open(t)}
		w := task.StartWorker(f, task.NewRegistry(kindOf(task.Kind{}, nil)), task.Options{})
		defer w.Stop(t.Context())
		pause(time.Minute)
		if err := w.Check(t.Context()); err != nil {
			t.Errorf("got %v of a worker that has nothing to do", err)
		}
		f.cut.Store(true)
		pause(32 * time.Second)
		if err := w.Check(t.Context()); err == nil {
			t.Error("got nothing of a worker that cannot look for tasks")
		}
	})
}
