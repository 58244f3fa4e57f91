package task

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// errDeaf is why a worker is not ready.
var errDeaf = errors.New("tasks could not be polled")

// failure logs a recurring error once.
type failure struct {
	log  *slog.Logger
	what string
	last string
}

func (f *failure) report(err error) {
	switch {
	case err == nil:
		f.last = ""
	case err.Error() != f.last:
		f.last = err.Error()
		f.log.Error(f.what, "cause", err) //nolint:sloglint // each failure has one constant message
	}
}

// follow reads the storage's clock.
func (w *Worker) follow(ctx context.Context) error {
	before := time.Now()
	at, err := w.storage.Clock(ctx)
	if err != nil {
		return err
	}
	after := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read, w.heard = at, before.Add(after.Sub(before)/2)
	return nil
}

// keep renews leases, sweeps, and unparks tasks, until ctx is done.
func (w *Worker) keep(ctx context.Context) {
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	failing := failure{log: w.log, what: "task maintenance failed"}
	var renewed, swept, unparked time.Time
	for {
		now := time.Now()
		var err error
		if now.Sub(renewed) >= renewEvery {
			renewed = now
			err = errors.Join(w.follow(ctx), w.renew(ctx, true), w.storage.SaveWorker(ctx, w.info(w.now())))
		} else {
			err = w.renew(ctx, false)
		}
		if now.Sub(swept) >= sweepEvery {
			err = errors.Join(err, w.sweep(ctx))
			swept = now
		}
		if now.Sub(unparked) >= unparkEvery {
			err = errors.Join(err, w.storage.UnparkTasks(ctx, w.kinds.versions(), w.now()))
			unparked = now
		}
		if ctx.Err() == nil {
			failing.report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// renew extends the leases of running jobs and stores their progress, of all
// jobs or only those with progress. Jobs that lost their lease, were canceled or
// paused are asked to end.
func (w *Worker) renew(ctx context.Context, all bool) error {
	now := w.now()
	jobs, runs := w.held(now, all)
	if len(runs) == 0 {
		return nil
	}
	until := now.Add(w.options.Lease)
	held, err := w.storage.RenewTasks(ctx, w.lease, until, runs)
	if err != nil {
		return err
	}
	for _, h := range held {
		j := jobs[h.ID]
		delete(jobs, h.ID)
		j.extend(until)
		if h.CancelAsked {
			j.cancel(errCanceled)
		}
		if h.PauseAsked {
			j.pause()
		}
	}
	for _, j := range jobs {
		j.cancel(errLost)
	}
	return nil
}

// held returns the jobs whose leases should be extended.
func (w *Worker) held(now time.Time, all bool) (map[int64]*Job, []Run) {
	jobs := make(map[int64]*Job)
	var runs []Run
	w.each(func(j *Job) {
		if !j.leased(now) {
			j.cancel(errLost)
		}
		if run, news := j.run(); (all || news) && now.Before(j.give) {
			jobs[run.ID] = j
			runs = append(runs, run)
		}
	})
	return jobs, runs
}

// sweep makes the tasks of lost workers pending.
func (w *Worker) sweep(ctx context.Context) error {
	now := w.now()
	for {
		lost, failed := w.storage.SweepTasks(ctx, now, sweepLimit, func(t Task) Outcome {
			return w.kinds.orUnknown(t.Kind).afterCrash(t, "the worker "+t.Worker+" was lost", "", now)
		})
		for _, t := range lost {
			w.options.Observer.WorkerLost(t)
			w.log.Warn("a task's worker was lost", "id", t.ID, "kind", t.Kind, "run", t.Runs, "crashes", t.Crashes+1)
		}
		if failed != nil || len(lost) < sweepLimit {
			return failed
		}
	}
}
