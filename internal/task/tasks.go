package task

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// Tasks is what people can do with tasks. Every method checks the actor, by the
// permissions on periodic tasks, and is safe for concurrent use.
type Tasks struct {
	store Store
	kinds *Registry
	now   func() time.Time
	log   *slog.Logger
}

// NewTasks returns the service on that store. now is the clock.
func NewTasks(store Store, kinds *Registry, now func() time.Time, log *slog.Logger) *Tasks {
	return &Tasks{store: store, kinds: kinds, now: now, log: log}
}

// Find returns one task: NotFound when there is none.
func (t *Tasks) Find(ctx context.Context, actor access.Actor, id int64) (Task, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return Task{}, err
	}
	return t.store.FindTask(ctx, id)
}

// List returns up to limit tasks with ids below before (0: all), the newest
// first, of one state or of all ("").
func (t *Tasks) List(ctx context.Context, actor access.Actor, state State, before int64, limit int) ([]Task, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	return t.store.ListTasks(ctx, state, before, limit)
}

// Count returns how many tasks there are in each state.
func (t *Tasks) Count(ctx context.Context, actor access.Actor) (map[State]int64, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	return t.store.CountTasks(ctx)
}

// Workers returns the workers that are there, the oldest first.
func (t *Tasks) Workers(ctx context.Context, actor access.Actor) ([]WorkerInfo, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	return t.store.ListWorkers(ctx)
}

// Start stores a task of the kind named, with arguments as JSON, to be run as
// soon as it can, and returns its id. queue is where; "" is the kind's own. The
// error is Invalid when there is no such kind, or it does not take the arguments.
func (t *Tasks) Start(ctx context.Context, actor access.Actor, kind string, args json.RawMessage, queue string) (id int64, err error) {
	if err := actor.Check(access.Schedules.Add()); err != nil {
		return 0, err
	}
	k, err := t.kinds.Find(kind)
	if err != nil {
		return 0, err
	}
	if len(args) == 0 {
		args = json.RawMessage("{}")
	}
	if !json.Valid(args) {
		return 0, fault.New(fault.Invalid, "The arguments are not JSON.")
	}
	n, err := k.New(t.now(), actor.Name(), args)
	if err != nil {
		return 0, err
	}
	n.Queue = orElse(queue, n.Queue)
	err = t.store.InTaskTx(ctx, func(tx Tx) error {
		if id, err = tx.Enqueue(n); err != nil {
			return err
		}
		return tx.Record(audit.NewEntry(n.At, actor, audit.Create, object(id, kind), nil))
	})
	if err == nil {
		t.log.InfoContext(ctx, "task started by hand", "id", id, "kind", kind, "actor", actor.Name())
	}
	return id, err
}

// Cancel ends a task that waits; one that runs is asked to end, which it may
// be about to do anyway. Conflict when it has ended, NotFound when there is none.
func (t *Tasks) Cancel(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, at time.Time) error {
		if found.State.IsFinal() {
			return fault.New(fault.Conflict, "The task has ended.")
		}
		return tx.CancelTask(id, at)
	})
}

// Retry runs a task again that is dead, canceled or parked, as if it had never
// run. Conflict when it is none of these, NotFound when there is none.
func (t *Tasks) Retry(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, at time.Time) error {
		switch found.State {
		case Dead, Canceled, Parked:
			return tx.RetryTask(id, at)
		default:
			return fault.New(fault.Conflict, "The task is "+string(found.State)+".")
		}
	})
}

// change lets fn change a task, and records how its state changed.
func (t *Tasks) change(ctx context.Context, actor access.Actor, id int64, fn func(Tx, Task, time.Time) error) error {
	if err := actor.Check(access.Schedules.Change()); err != nil {
		return err
	}
	at := t.now().UTC().Truncate(time.Microsecond)
	return t.store.InTaskTx(ctx, func(tx Tx) error {
		before, err := tx.FindTask(id)
		if err != nil {
			return err
		}
		if err := fn(tx, before, at); err != nil {
			return err
		}
		after, err := tx.FindTask(id)
		if err != nil {
			return err
		}
		changes := []audit.Change{{Field: "state", Old: string(before.State), New: string(after.State)}}
		if before.State == after.State {
			changes = []audit.Change{{Field: "cancel_asked", Old: before.CancelAsked, New: after.CancelAsked}}
		}
		return tx.Record(audit.NewEntry(at, actor, audit.Update, object(id, before.Kind), changes))
	})
}

// object returns what the audit trail calls a task.
func object(id int64, kind string) audit.Object {
	return audit.Object{Type: "task", ID: id, Name: kind}
}
