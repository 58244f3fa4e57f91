package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"roster/internal/fault"
)

// errUnstored is returned for a run whose outcome could not be stored in time.
var errUnstored = errors.New("its outcome could not be stored before the lease ran out")

// start runs a task in a new goroutine.
func (w *Worker) start(t Task, now time.Time) {
	k := w.kinds.orUnknown(t.Kind)
	ctx, cancel := context.WithCancelCause(context.Background())
	j := &Job{
		Task: t, noted: true, done: t.Done, total: t.Total, until: now.Add(w.options.Lease), give: now.Add(k.Timeout + stubborn), cancel: cancel,
		rested: w.free, stopping: w.stopping, pausing: make(chan struct{}),
	}
	j.pause = sync.OnceFunc(func() { close(j.pausing) })
	w.mu.Lock()
	if lost := w.at[t.ID]; lost != nil { // the storage has assigned it again
		lost.cancel(errLost)
	}
	w.at[t.ID] = j
	w.last[t.Kind] = now
	w.mu.Unlock()
	w.jobs.Go(func() {
		defer cancel(nil)
		ctx, ended := w.options.Observer.RunBegan(ctx, t)
		o := w.attempt(ctx, j, k)
		ended(o)
		w.settle(j, o)
		w.leave(j)
		w.free()
	})
}

// free reports that there is room for a task.
func (w *Worker) free() {
	select {
	case w.freed <- struct{}{}:
	default:
	}
}

// leave removes a job from the running ones, unless a later run of its task has
// replaced it.
func (w *Worker) leave(j *Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at[j.Task.ID] == j {
		delete(w.at, j.Task.ID)
	}
}

// attempt does the work and returns the outcome.
func (w *Worker) attempt(ctx context.Context, j *Job, k Kind) Outcome {
	t, now := j.Task, w.now()
	switch {
	case !k.Reads(t.Version):
		return Outcome{State: Parked, At: now, Error: fmt.Sprintf("arguments of version %d; this worker reads %d to %d", t.Version, k.Oldest, k.Version)}
	case t.CancelAsked: // requested during a previous run
		return Outcome{State: Canceled, At: now, Error: "canceled before the next attempt"}
	case t.PauseAsked: // while a worker had it that does not know pauses
		return Outcome{State: Pending, RunAt: now, At: now}
	case !t.Deadline.IsZero() && !now.Before(t.Deadline):
		return Outcome{State: Canceled, At: now, Error: "not started before its deadline"}
	}
	limited, cancel := context.WithTimeout(ctx, k.Timeout)
	defer cancel()
	result, err := j.perform(limited, k)
	return w.judge(limited, j, k, result, err)
}

// judge returns the outcome after the work has returned, which ctx limited.
func (w *Worker) judge(ctx context.Context, j *Job, k Kind, result any, err error) Outcome {
	now := w.now()
	crash, crashed := errors.AsType[*crashError](err)
	switch cause := context.Cause(ctx); {
	case crashed:
		return k.afterCrash(j.Task, crash.reason, crash.stack, now)
	case err == nil:
		return success(k, j.Task, result, now)
	case errors.Is(cause, errCanceled):
		return Outcome{State: Canceled, Error: "canceled while running", At: now}
	case errors.Is(cause, errDraining), errors.Is(cause, errLost):
		return Outcome{State: Pending, RunAt: now, At: now}
	case errors.Is(cause, context.DeadlineExceeded):
		err = fault.Wrap(fault.KindOf(err), fmt.Sprintf("took longer than %s", k.Timeout), err)
	}
	return k.afterError(j.Task, err, now)
}

func success(k Kind, t Task, result any, now time.Time) Outcome {
	if result == nil {
		return Outcome{State: Done, At: now}
	}
	text, err := json.Marshal(result)
	if err != nil {
		return k.afterError(t, fault.Wrap(fault.Unprocessable, "the result cannot be encoded", err), now)
	}
	return Outcome{State: Done, Result: text, At: now}
}

// settle stores the outcome, retrying until the lease ends. After that, another
// worker decides.
func (w *Worker) settle(j *Job, o Outcome) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		run, _ := j.run()
		kept, err := w.storage.FinishTask(context.Background(), w.lease, run, o)
		if err == nil {
			w.logOutcome(j, o, kept)
			return
		}
		if !j.leased(w.now()) {
			w.log.Error("a task's outcome could not be stored; it runs again", "id", j.Task.ID, "kind", j.Task.Kind, "cause", errors.Join(errUnstored, err))
			return
		}
		time.Sleep(pause)
	}
}

// logOutcome logs the outcome of a run.
func (w *Worker) logOutcome(j *Job, o Outcome, kept bool) {
	log := w.log.With("id", j.Task.ID, "kind", j.Task.Kind, "run", j.Task.Runs)
	switch {
	case !kept:
		log.Warn("a task's lease was lost; its outcome was dropped")
	case o.State == Done:
		log.Info("task done")
	case o.State == Dead:
		log.Error("task is dead", "cause", o.Error)
	case o.Error != "":
		log.Warn("task not completed", "state", o.State, "cause", o.Error)
	default:
		log.Info("task released", "state", o.State)
	}
}
