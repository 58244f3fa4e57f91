package task

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// explain sets Waits of the pending and parked tasks.
func (t *Tasks) explain(ctx context.Context, tasks []Task) error {
	if !slices.ContainsFunc(tasks, func(one Task) bool { return one.State == Pending || one.State == Parked }) {
		return nil
	}
	now, err := t.store.Clock(ctx)
	if err != nil {
		return err
	}
	workers, err := t.store.ListWorkers(ctx, now.Add(-Gone))
	if err != nil {
		return err
	}
	running, err := t.store.CountTasksBy(ctx, Filter{State: Running}, ByKind, maxRunning)
	if err != nil {
		return err
	}
	for i := range tasks {
		tasks[i].Waits = waits(tasks[i], t.kinds.orUnknown(tasks[i].Kind), situation{now, workers, running.Count})
	}
	return nil
}

// maxRunning is the maximum number of running tasks that are counted.
const maxRunning = 10_000

// situation is what tasks may wait for.
type situation struct {
	now     time.Time
	workers []WorkerInfo
	running map[string]int64 // by kind
}

// waits returns what a task waits for, a clause such as "until 2026-11-30 07:10:00
// UTC"; "" if it does not wait, or only for a moment.
func waits(t Task, k Kind, s situation) string {
	switch {
	case t.State == Parked:
		return fmt.Sprintf("for a worker that reads version %d of the arguments", t.Version)
	case t.State != Pending:
		return ""
	case t.RunAt.After(s.now):
		return "until " + t.RunAt.UTC().Format("2006-01-02 15:04:05") + " UTC"
	}
	able := slices.DeleteFunc(slices.Clone(s.workers), func(w WorkerInfo) bool { return !w.serves(t.Queue) })
	busy := !slices.ContainsFunc(able, func(w WorkerInfo) bool { return w.Running < w.Concurrency })
	atOnce := int64(k.Concurrency) * int64(len(able))
	switch {
	case len(s.workers) == 0:
		return "for a worker: none is running"
	case len(able) == 0:
		return fmt.Sprintf("for a worker that serves the queue %q: none is running", t.Queue)
	case busy:
		return "for a worker: all are busy"
	case k.Concurrency > 0 && s.running[t.Kind] >= atOnce:
		return fmt.Sprintf("for another %s to end: %d may run at a time", t.Kind, atOnce)
	}
	return ""
}

// serves reports whether the worker runs tasks of a queue.
func (w WorkerInfo) serves(queue string) bool {
	return w.Queues == "" || slices.Contains(strings.Split(w.Queues, ","), queue)
}
