// Package periodic manages periodic tasks: the entries of django-celery-beat's
// tables, from which a beat starts tasks.
package periodic

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// Schedules manages periodic tasks. Every method checks the actor, and is safe
// for concurrent use. Every change writes an entry to the audit trail, and is
// seen by every beat, including Celery's.
type Schedules struct {
	store Store
	kinds *task.Registry
	now   func() time.Time
	log   *slog.Logger

	expected []string // see Expecting; nil means any
}

// NewSchedules returns the service on that store, for tasks of those kinds. now
// is the clock.
func NewSchedules(store Store, kinds *task.Registry, now func() time.Time, log *slog.Logger) *Schedules {
	return &Schedules{store: store, kinds: kinds, now: now, log: log}
}

// Kinds returns the kinds of tasks that schedules can start.
func (s *Schedules) Kinds() *task.Registry { return s.kinds }

// Edit changes fields of an entry, and returns the errors of those that it
// could not parse, by the names of Fields. It may be called twice, each time
// with another copy. Fields that are not editable keep their values.
type Edit func(r *schedule.Row) fault.Fields

// Find returns an entry, or NotFound.
func (s *Schedules) Find(ctx context.Context, actor access.Actor, id int64) (schedule.Row, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return schedule.Row{}, err
	}
	return s.store.FindPeriodic(ctx, id)
}

// Exists returns nil if the entry exists, or NotFound. The actor must be
// allowed to change it.
func (s *Schedules) Exists(ctx context.Context, actor access.Actor, id int64) error {
	if err := actor.Check(access.Schedules.Change()); err != nil {
		return err
	}
	_, err := s.store.FindPeriodic(ctx, id)
	return err
}

// List returns up to limit entries that match f, by id, after skipping offset.
func (s *Schedules) List(ctx context.Context, actor access.Actor, f Filter, offset int64, limit int) ([]schedule.Row, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	return s.store.ListPeriodic(ctx, f, offset, limit)
}

// Count returns how many entries match f.
func (s *Schedules) Count(ctx context.Context, actor access.Actor, f Filter) (int64, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return 0, err
	}
	return s.store.CountPeriodic(ctx, f)
}

// Create adds the entry that edit makes of Blank. An invalid entry returns an
// Invalid error with all field errors in the order of Fields, and one whose task
// requires permissions that the actor lacks Denied; see task.Guarded.
func (s *Schedules) Create(ctx context.Context, actor access.Actor, edit Edit) (schedule.Row, error) {
	if err := actor.Check(access.Schedules.Add()); err != nil {
		return schedule.Row{}, err
	}
	var after schedule.Row
	err := s.write(ctx, func(tx Tx) (err error) {
		if after, err = s.edited(tx, schedule.Row{}, edit); err != nil {
			return err
		}
		if err := s.kinds.CheckPeriodic(actor, after.Entry); err != nil {
			return err
		}
		if after.ID, err = tx.InsertSchedule(after); err != nil {
			return err
		}
		return s.note(tx, actor, audit.Create, nil, &after)
	})
	if err != nil {
		return schedule.Row{}, err
	}
	s.log.InfoContext(ctx, "schedule created", "id", after.ID, "task", after.Task, "actor", actor.Name())
	return after, nil
}

// Update changes an entry. It returns NotFound, Invalid or Denied as for Create,
// or Outdated, see Expecting. Disabling an entry never requires the permissions
// of its task. If its run times change, or it is disabled, slots
// before the edit are no longer due. If nothing changes, nothing is stored or
// recorded.
func (s *Schedules) Update(ctx context.Context, actor access.Actor, id int64, edit Edit) (schedule.Row, error) {
	if err := actor.Check(access.Schedules.Change()); err != nil {
		return schedule.Row{}, err
	}
	var after schedule.Row
	err := s.write(ctx, func(tx Tx) error {
		before, err := s.findExpected(tx, id)
		if err != nil {
			return err
		}
		if after, err = s.edited(tx, before, edit); err != nil {
			return err
		}
		if Version(after) == Version(before) {
			after = before
			return nil
		}
		if err := s.checkChange(actor, before, after); err != nil {
			return err
		}
		if err := tx.UpdateSchedule(after); err != nil {
			return err
		}
		return s.note(tx, actor, audit.Update, &before, &after)
	})
	if err != nil {
		return schedule.Row{}, err
	}
	s.log.InfoContext(ctx, "schedule updated", "id", id, "task", after.Task, "actor", actor.Name())
	return after, nil
}

// SetEnabled enables or disables an entry, even one that Update would reject
// for other fields. It returns NotFound, or Outdated, see Expecting.
func (s *Schedules) SetEnabled(ctx context.Context, actor access.Actor, id int64, enabled bool) (schedule.Row, error) {
	return s.Update(ctx, actor, id, func(r *schedule.Row) fault.Fields {
		r.Enabled = enabled
		return nil
	})
}

// Delete deletes an entry. It returns NotFound, or Outdated, see Expecting.
// Tasks that it has started remain.
func (s *Schedules) Delete(ctx context.Context, actor access.Actor, id int64) error {
	if err := actor.Check(access.Schedules.Delete()); err != nil {
		return err
	}
	err := s.write(ctx, func(tx Tx) error {
		before, err := s.findExpected(tx, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteSchedule(id); err != nil {
			return err
		}
		return s.note(tx, actor, audit.Delete, &before, nil)
	})
	if err == nil {
		s.log.InfoContext(ctx, "schedule deleted", "id", id, "actor", actor.Name())
	}
	return err
}

// Run starts the task of an entry now, even if it is disabled, and returns the
// task's id. It does not count as a run of the schedule, and does not affect
// its slots. It returns NotFound, or Invalid if its task cannot run here.
func (s *Schedules) Run(ctx context.Context, actor access.Actor, id int64) (taskID int64, err error) {
	if err := actor.Check(access.Schedules.Change()); err != nil {
		return 0, err
	}
	err = s.write(ctx, func(tx Tx) error {
		row, err := tx.FindSchedule(id)
		if err != nil {
			return err
		}
		if err := s.kinds.CheckPeriodic(actor, row.Entry); err != nil {
			return err
		}
		e := row.Entry
		e.Expires = time.Time{} // run it even after its end
		n, err := s.kinds.Periodic(e, actor, s.now())
		if err != nil {
			return err
		}
		if taskID, err = tx.Enqueue(n); err != nil {
			return err
		}
		entry := audit.NewEntry(n.At, actor, audit.Create, audit.Object{Type: "task", ID: taskID, Name: n.Kind}, nil)
		entry.Reason = fmt.Sprintf("schedule %d, run by hand: %s", id, row.Name)
		return tx.Record(entry)
	})
	if err == nil {
		s.log.InfoContext(ctx, "schedule run manually", "id", id, "task_id", taskID, "actor", actor.Name())
	}
	return taskID, err
}

// checkChange returns Denied unless the actor may schedule the task of an entry,
// before and after the change. Anyone who may change entries may disable one.
func (s *Schedules) checkChange(actor access.Actor, before, after schedule.Row) error {
	disabled := before
	disabled.Enabled, disabled.Task = false, after.Task
	if schedule.TaskName(before.Task) == after.Task && Version(disabled) == Version(after) {
		return nil
	}
	if err := s.kinds.CheckPeriodic(actor, before.Entry); err != nil {
		return err
	}
	return s.kinds.CheckPeriodic(actor, after.Entry)
}

// errOutdated is returned if the record changed since it was read.
var errOutdated = fault.New(fault.Outdated, "The schedule was changed in the meantime.")

// Expecting returns a copy of the service for a caller who has seen the entry
// in one of these versions: Update, SetEnabled and Delete return Outdated, and
// change nothing, if the entry has another version. Without versions they
// always do.
func (s *Schedules) Expecting(versions ...string) *Schedules {
	same := *s
	same.expected = append([]string{}, versions...)
	return &same
}

// findExpected returns the entry for a change, if it has an expected version.
func (s *Schedules) findExpected(tx Tx, id int64) (schedule.Row, error) {
	found, err := tx.FindSchedule(id)
	if err == nil && s.expected != nil && !slices.Contains(s.expected, Version(found)) {
		err = errOutdated
	}
	return found, err
}

// edited returns the entry that edit makes of before, which has no id for a new
// entry, or its errors.
func (s *Schedules) edited(tx Tx, before schedule.Row, edit Edit) (schedule.Row, error) {
	d := s.draft(before, edit)
	if d.after.Name != before.Name && !d.faults.Has("name") {
		taken, err := tx.TakenScheduleName(d.after.Name, before.ID)
		if err != nil {
			return schedule.Row{}, err
		}
		if taken {
			d.faults.Add("name", "A schedule with this name already exists.")
		}
	}
	return d.after, inFieldOrder(d.faults).Err()
}

// note records a change, and notifies the beats.
func (s *Schedules) note(tx Tx, actor access.Actor, action audit.Action, before, after *schedule.Row) error {
	at, named := s.stamp(), after
	if after == nil {
		named = before
	}
	if err := tx.TouchSchedules(at); err != nil {
		return err
	}
	return tx.Record(audit.NewEntry(at, actor, action, Object(named), difference(before, after)))
}

// write runs fn in a transaction, and retries once if another request was
// faster to take a name, so that the second check reports it for the right
// field. It does not stop when ctx is canceled.
func (s *Schedules) write(ctx context.Context, fn func(Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := s.store.InPeriodicTx(ctx, fn)
	if fault.KindOf(err) == fault.Conflict {
		return s.store.InPeriodicTx(ctx, fn)
	}
	return err
}

// stamp returns the current time as it is stored.
func (s *Schedules) stamp() time.Time { return s.now().UTC().Truncate(time.Microsecond) }
