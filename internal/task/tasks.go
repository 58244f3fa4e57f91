package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

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

// Kinds returns the kinds of tasks that there are.
func (t *Tasks) Kinds() *Registry { return t.kinds }

// Find returns one task: NotFound when there is none.
func (t *Tasks) Find(ctx context.Context, actor access.Actor, id int64) (Task, error) {
	if err := mayView(actor); err != nil {
		return Task{}, err
	}
	return t.store.FindTask(ctx, id)
}

// Start stores a task of the kind named, with arguments as JSON, to be run as
// soon as it can, and returns its id. queue is where; "" is the kind's own. The
// error is Invalid, and names the field kind, args or queue, when there is no such
// kind, it does not take the arguments, or the name is too long.
func (t *Tasks) Start(ctx context.Context, actor access.Actor, kind string, args json.RawMessage, queue string) (id int64, err error) {
	if err := actor.Check(access.Schedules.Add()); err != nil {
		return 0, err
	}
	n, err := t.draft(actor, kind, args, queue)
	if err != nil {
		return 0, err
	}
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

// draft returns the task that Start stores.
func (t *Tasks) draft(actor access.Actor, kind string, args json.RawMessage, queue string) (New, error) {
	var faults fault.Fields
	switch {
	case len(queue) > MaxQueueName:
		faults.Add("queue", fmt.Sprintf("The name of a queue has %d characters at most.", MaxQueueName))
	case strings.ContainsRune(queue, 0) || !utf8.ValidString(queue):
		faults.Add("queue", "Null characters and bytes that are no UTF-8 are not allowed.")
	}
	k, err := t.kinds.Find(kind)
	if err != nil {
		faults.Add("kind", messages(err)...)
		return New{}, faults.Err()
	}
	if len(args) == 0 {
		args = json.RawMessage("{}")
	}
	if !json.Valid(args) {
		faults.Add("args", "The arguments are not JSON.")
		return New{}, faults.Err()
	}
	n, err := k.New(t.now(), actor.Name(), args)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return New{}, err
	}
	faults.Add("args", messages(err)...)
	n.Queue = orElse(queue, n.Queue)
	return n, faults.Err()
}

// messages returns what an Invalid error tells the caller, nothing for nil.
func messages(err error) (all []string) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return nil
	}
	if e.Message != "" {
		all = append(all, e.Message)
	}
	for _, f := range e.Fields {
		all = append(all, f.Messages...)
	}
	return all
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
