package task_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/task"
)

// slowNews is a storage that stores an outcome at once and says so later.
type slowNews struct{ task.Storage }

func (s slowNews) FinishTask(ctx context.Context, lease string, run task.Run, o task.Outcome) (bool, error) {
	kept, err := s.Storage.FinishTask(ctx, lease, run, o)
	pause(2 * time.Second)
	return kept, err
}

// A worker that takes a task again before its own last run of it is over keeps
// the lease on the new run.
func TestWorker_TakesItsTaskAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var runs, under, most atomic.Int32
		k := kindOf(task.Kind{}, func(ctx context.Context, _ *task.Job, _ int) error {
			most.Store(max(most.Load(), under.Add(1)))
			defer under.Add(-1)
			if runs.Add(1) == 1 {
				panic("out of cheese")
			}
			select {
			case <-time.After(time.Minute):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		id := enqueue(t, s, k, 1)[0]
		start(t, slowNews{s}, task.Options{}, k)
		await(t, s, id, task.Done, 5*time.Minute)
		if got := want(t, s, id, task.Done); got.Runs != 2 || got.Crashes != 1 || most.Load() != 1 {
			t.Errorf("got %d runs, %d crashes, %d at once; want 2, 1, 1", got.Runs, got.Crashes, most.Load())
		}
	})
}

// A task that a person has canceled while running is not tried again when that run
// fails by itself.
func TestWorker_CancelBeforeAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var runs atomic.Int32
		k := kindOf(task.Kind{Backoff: time.Second}, func(context.Context, *task.Job, int) error {
			runs.Add(1)
			pause(time.Second)
			return errors.New("the server is away")
		})
		id := enqueue(t, s, k, 1)[0]
		start(t, s, task.Options{}, k)
		await(t, s, id, task.Running, time.Second)
		if err := s.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.CancelTask(id, time.Now()) }); err != nil {
			t.Fatal(err)
		}
		await(t, s, id, task.Canceled, 10*time.Second)
		if runs.Load() != 1 {
			t.Errorf("it ran %d times, want once", runs.Load())
		}
	})
}

// What an older worker parks while a newer one is there does not wait for the next
// one that is started.
func TestWorker_UnparksLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		work := func(context.Context, *task.Job, int) error { return nil }
		older, newer := kindOf(task.Kind{Version: 1}, work), kindOf(task.Kind{Version: 2}, work)
		start(t, s, task.Options{Queues: []string{"other"}}, newer)
		pause(10 * time.Second)
		id := enqueue(t, s, newer, 1)[0]
		stop := start(t, s, task.Options{}, older)
		await(t, s, id, task.Parked, time.Second)
		stop(time.Second)
		await(t, s, id, task.Pending, 2*time.Minute)
	})
}

// Work that gives up on a server in time has not itself taken too long.
func TestWorker_ReportsTimeouts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		k := kindOf(task.Kind{MaxAttempts: 1}, func(ctx context.Context, _ *task.Job, _ int) error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			<-ctx.Done()
			return fmt.Errorf("the server is silent: %w", ctx.Err())
		})
		id := enqueue(t, s, k, 1)[0]
		start(t, s, task.Options{}, k)
		await(t, s, id, task.Dead, 10*time.Second)
		if got := want(t, s, id, task.Dead); strings.Contains(got.Error, "took longer") || !strings.Contains(got.Error, "the server is silent") {
			t.Errorf("got %q", got.Error)
		}
	})
}
