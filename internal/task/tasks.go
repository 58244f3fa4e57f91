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

// Tasks manages tasks. Every method checks the actor's permissions on periodic
// tasks, and is safe for concurrent use.
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

// Kinds returns the kinds of tasks.
func (t *Tasks) Kinds() *Registry { return t.kinds }

// Find returns a task, or NotFound. The result of a task that counts users is nil
// for actors who may not view users.
func (t *Tasks) Find(ctx context.Context, actor access.Actor, id int64) (Task, error) {
	if err := mayView(actor); err != nil {
		return Task{}, err
	}
	found, err := t.store.FindTask(ctx, id)
	if err != nil {
		return Task{}, err
	}
	one := []Task{found}
	err = t.show(ctx, actor, one)
	return one[0], err
}

// Start stores a task of that kind, with JSON arguments, to run as soon as
// possible, and returns its id. An empty queue means the kind's own. The error
// is Invalid, and names the field kind, args or queue, or Denied if the actor
// lacks a permission that the kind requires; see Guarded.
func (t *Tasks) Start(ctx context.Context, actor access.Actor, kind string, args json.RawMessage, queue string) (id int64, err error) {
	return t.StartAt(ctx, actor, Order{Kind: kind, Args: args, Queue: queue})
}

// Order describes a task to be started.
type Order struct {
	Kind  string
	Args  json.RawMessage // a JSON object; nil: {}
	Queue string          // "": the kind's own
	At    time.Time       // earliest start; zero, or past: as soon as possible
}

// StartAt is like Start, for a task that may start later.
func (t *Tasks) StartAt(ctx context.Context, actor access.Actor, o Order) (id int64, err error) {
	kind := o.Kind
	if err := actor.Check(access.Schedules.Add()); err != nil {
		return 0, err
	}
	if err := t.kinds.CheckKind(actor, kind); err != nil {
		return 0, err
	}
	n, err := t.draft(actor, kind, o.Args, o.Queue)
	if err == nil {
		if o.At.After(n.RunAt) {
			n.RunAt = o.At.UTC().Truncate(time.Microsecond)
		}
		err = t.kinds.kinds[n.Kind].Check(actor, n.Args)
	}
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
		t.log.InfoContext(ctx, "task started manually", "id", id, "kind", kind, "actor", actor.Name())
	}
	return id, err
}

// draft returns the task for Start.
func (t *Tasks) draft(actor access.Actor, kind string, args json.RawMessage, queue string) (New, error) {
	var faults fault.Fields
	switch {
	case len(queue) > MaxQueueName:
		faults.Add("queue", fmt.Sprintf("The name of a queue must have at most %d characters.", MaxQueueName))
	case strings.ContainsRune(queue, 0) || !utf8.ValidString(queue):
		faults.Add("queue", "Null characters and invalid UTF-8 are not allowed.")
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
		faults.Add("args", "The arguments are not valid JSON.")
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

// messages returns the messages of an Invalid error, none for nil.
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

// Cancel cancels a pending task, and asks a running one to stop, which may
// finish first. It returns Conflict if the task has ended, or NotFound.
func (t *Tasks) Cancel(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, at time.Time) error {
		if found.State.IsFinal() {
			return fault.New(fault.Conflict, "The task has ended.")
		}
		return tx.CancelTask(id, at)
	})
}

// Retry runs a dead, canceled or parked task again, as if it had never run, and
// one that waits for its next attempt at once. It returns Conflict for other
// states, NotFound, or Denied as for Start.
func (t *Tasks) Retry(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, at time.Time) error {
		waits := found.State == Pending && found.Runs > 0 && found.RunAt.After(at)
		if found.State == Dead || found.State == Canceled || found.State == Parked || waits {
			if err := t.kinds.orUnknown(found.Kind).Check(actor, found.Args); err != nil {
				return err
			}
			return tx.RetryTask(id, at)
		}
		return fault.New(fault.Conflict, "The task is "+string(found.State)+".")
	})
}

// Pause lets a mailing end its run after the messages in progress, and wait until
// someone resumes it. It returns Conflict if the task is no mailing, has ended, or
// is paused already, or NotFound.
func (t *Tasks) Pause(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, _ time.Time) error {
		switch {
		case !t.kinds.orUnknown(found.Kind).Mailing:
			return fault.New(fault.Conflict, "The task is not a mailing.")
		case found.State != Pending && found.State != Running:
			return fault.New(fault.Conflict, "The mailing is "+string(found.State)+".")
		case found.CancelAsked:
			return fault.New(fault.Conflict, "The mailing is being stopped.")
		case found.PauseAsked:
			return fault.New(fault.Conflict, "The mailing is being paused.")
		}
		return tx.PauseTask(id)
	})
}

// Resume continues a paused mailing, or withdraws a request to pause it. It returns
// Conflict if it is not paused, NotFound, or Denied as for Start.
func (t *Tasks) Resume(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, at time.Time) error {
		if found.State != Paused && (found.State != Running || !found.PauseAsked) {
			return fault.New(fault.Conflict, "The task is not paused.")
		}
		if err := t.kinds.orUnknown(found.Kind).Check(actor, found.Args); err != nil {
			return err
		}
		return tx.ResumeTask(found, at)
	})
}

// Resend sends a finished mailing to those of its recipients that it did not reach,
// and to no other. It returns Conflict if the task is no mailing, has not ended,
// or reached everyone it could, NotFound, or Denied as for Start.
func (t *Tasks) Resend(ctx context.Context, actor access.Actor, id int64) error {
	return t.change(ctx, actor, id, func(tx Tx, found Task, at time.Time) error {
		switch {
		case !t.kinds.orUnknown(found.Kind).Mailing:
			return fault.New(fault.Conflict, "The task is not a mailing.")
		case !found.State.IsFinal():
			return fault.New(fault.Conflict, "The mailing has not ended.")
		}
		if err := t.kinds.orUnknown(found.Kind).Check(actor, found.Args); err != nil {
			return err
		}
		n, err := tx.ResendTask(id, at)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "The mailing has reached everyone that it can reach.")
		}
		return err
	})
}

// change lets fn change a task, and records the change of state.
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
		switch {
		case before.State != after.State:
		case before.CancelAsked != after.CancelAsked:
			changes = []audit.Change{{Field: "cancel_asked", Old: before.CancelAsked, New: after.CancelAsked}}
		case before.PauseAsked != after.PauseAsked:
			changes = []audit.Change{{Field: "pause_asked", Old: before.PauseAsked, New: after.PauseAsked}}
		default:
			changes = []audit.Change{{Field: "run_at", Old: before.RunAt, New: after.RunAt}}
		}
		return tx.Record(audit.NewEntry(at, actor, audit.Update, object(id, before.Kind), changes))
	})
}

// object returns the object of a task in the audit trail.
func object(id int64, kind string) audit.Object {
	return audit.Object{Type: "task", ID: id, Name: kind}
}
