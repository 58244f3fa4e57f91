package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task/schedule"
)

// Timetable stores the schedules of periodic tasks. Implementations are safe
// for concurrent use, also by several processes, and return errors of package
// fault.
type Timetable interface {
	// Clock returns the time that determines which slots are due; see Queue.
	Clock(ctx context.Context) (time.Time, error)
	// LastEdit returns a text that changes when schedules are edited, as
	// recorded by django-celery-beat.
	LastEdit(ctx context.Context) (string, error)
	// ListSchedules returns the enabled entries.
	ListSchedules(ctx context.Context) ([]schedule.Row, error)
	// InTaskTx runs fn in one transaction, like user.Store's InTx.
	InTaskTx(ctx context.Context, fn func(Tx) error) error
}

const (
	// editEvery is how often a beat checks for edited schedules:
	// django-celery-beat's DEFAULT_MAX_INTERVAL, 5 seconds.
	editEvery = 5 * time.Second
	// readEvery is how often all schedules are reloaded, because not all
	// programs record their edits.
	readEvery = time.Minute
)

// Beat starts the tasks of the schedules in a timetable. Any number of beats
// may run on one timetable: each slot starts one task.
type Beat struct {
	timetable Timetable
	kinds     *Registry
	log       *slog.Logger
	cancel    context.CancelFunc
	done      sync.WaitGroup

	edit    string // LastEdit of the entries
	read    time.Time
	entries map[int64]schedule.Entry
	logged  map[int64]string // why an entry is not run, as logged
}

// StartBeat starts a beat for tasks of those kinds. Call Stop to end it.
func StartBeat(timetable Timetable, kinds *Registry, log *slog.Logger) *Beat {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Beat{timetable: timetable, kinds: kinds, log: log, cancel: cancel, logged: map[int64]string{}}
	b.done.Go(func() { b.run(ctx) })
	return b
}

// Stop ends the beat, and returns when it has ended. It may be called
// repeatedly.
func (b *Beat) Stop() {
	b.cancel()
	b.done.Wait()
}

func (b *Beat) run(ctx context.Context) {
	failing := failure{log: b.log, what: "schedules cannot be followed"}
	for ctx.Err() == nil {
		pause, err := b.pass(context.WithoutCancel(ctx))
		failing.report(err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// pass starts due tasks, and returns how long to pause.
func (b *Beat) pass(ctx context.Context) (pause time.Duration, err error) {
	now, err := b.timetable.Clock(ctx)
	if err != nil {
		return time.Second, err
	}
	if err := b.refresh(ctx, now); err != nil {
		return time.Second, err
	}
	next := now.Add(editEvery)
	for id, e := range b.entries {
		slots, wake := e.Due(now)
		if len(slots) > 0 || e.Spent() {
			after, failed := b.start(ctx, id, now)
			if failed != nil {
				err, wake = errors.Join(err, fmt.Errorf("schedule %d: %w", id, failed)), now.Add(time.Second)
			} else {
				b.entries[id] = after
				_, wake = after.Due(now)
			}
		}
		if !wake.IsZero() && wake.Before(next) {
			next = wake
		}
	}
	return max(next.Sub(now), 0), err
}

// refresh reloads the entries if they may have been edited.
func (b *Beat) refresh(ctx context.Context, now time.Time) error {
	edit, err := b.timetable.LastEdit(ctx)
	if err != nil {
		return err
	}
	if age := now.Sub(b.read); b.entries != nil && edit == b.edit && age >= 0 && age < readEvery {
		return nil
	}
	rows, err := b.timetable.ListSchedules(ctx)
	if err != nil {
		return err
	}
	b.entries = make(map[int64]schedule.Entry, len(rows))
	for _, r := range rows {
		e, err := r.Read()
		if err == nil {
			_, err = b.kinds.Periodic(e, access.System("beat"), now)
		}
		if b.logReason(r, err); err == nil {
			b.entries[r.ID] = e
		}
	}
	b.edit, b.read = edit, now
	return nil
}

// logReason logs once why an entry is not run.
func (b *Beat) logReason(r schedule.Row, err error) {
	if err == nil {
		delete(b.logged, r.ID)
		return
	}
	if text := err.Error(); b.logged[r.ID] != text {
		b.logged[r.ID] = text
		b.log.Warn("a schedule is not run", "id", r.ID, "name", r.Name, "task", r.Task, "cause", text)
	}
}

// start starts a task for each due slot of an entry, unless another beat has, or
// disables one that is spent, and returns the resulting entry. It rereads the row,
// which may have been edited or run in the meantime.
func (b *Beat) start(ctx context.Context, id int64, now time.Time) (e schedule.Entry, err error) {
	before := int64(0)
	err = b.timetable.InTaskTx(ctx, func(tx Tx) error {
		row, err := tx.FindSchedule(id)
		if err != nil {
			return err
		}
		if e, err = row.Read(); err != nil {
			return err
		}
		if e.Spent() {
			e = e.Retired()
			return tx.SaveRun(row.Entry, e)
		}
		before = e.TotalRunCount
		e, err = b.startDue(tx, row.Entry, e, now)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return schedule.Entry{}, nil // deleted: the zero entry is never due
	}
	if err == nil && e.TotalRunCount != before {
		b.log.Info("schedule started", "id", id, "name", e.Name, "slot", e.LastRunAt)
	}
	return e, err
}

// startDue starts a task for each due slot of an entry, which was stored as
// before, and stores and returns the resulting entry.
func (b *Beat) startDue(tx Tx, before, e schedule.Entry, now time.Time) (schedule.Entry, error) {
	slots, _ := e.Due(now)
	if len(slots) == 0 {
		return e, nil
	}
	for _, slot := range slots {
		var err error
		if e, err = b.startSlot(tx, e, slot, now); err != nil {
			return e, err
		}
	}
	return e, tx.SaveRun(before, e)
}

// startSlot starts the task of one slot, unless it was already started, and
// returns the resulting entry.
func (b *Beat) startSlot(tx Tx, e schedule.Entry, slot, now time.Time) (schedule.Entry, error) {
	err := tx.ClaimSlot(e.ID, slot)
	if fault.KindOf(err) == fault.Conflict {
		e.LastRunAt = slot
		return e, nil
	}
	if err != nil {
		return e, err
	}
	n, err := b.kinds.Periodic(e, access.System("beat"), now)
	if err != nil {
		return e.Ran(slot), err
	}
	if n.Actor, err = causeOf(tx, e); err == nil {
		_, err = tx.Enqueue(n)
	}
	return e.Ran(slot), err
}

// causeOf names a schedule, and who changed it last, as the actor of its tasks.
func causeOf(tx Tx, e schedule.Entry) (string, error) {
	editor, at, err := tx.ScheduleEditor(e.ID)
	if err != nil {
		return "", err
	}
	switch {
	case editor == "":
		editor = "changed outside Roster"
	case e.Changed.Sub(at) > Lease:
		editor = "last changed outside Roster, before that by " + editor
	default:
		editor = "last changed by " + editor
	}
	name := []rune(e.Name)
	return fmt.Sprintf("schedule %d, %s, %s", e.ID, string(name[:min(len(name), maxShownName)]), editor), nil
}

// maxShownName is the length, in characters, to which the name of a schedule is
// cut in the name of an actor.
const maxShownName = 80
