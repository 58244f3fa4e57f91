package schedule

import "time"

// Entry is a row of django_celery_beat_periodictask with its schedule. Zero
// times stand for NULL. Entries are values: methods return changed copies.
type Entry struct {
	ID   int64
	Name string // unique
	Task string // the name that Celery knows it by; see Find

	Schedule Schedule
	Missed   Missed
	OneOff   bool
	Enabled  bool

	Args     string // a JSON array
	Kwargs   string // a JSON object
	Queue    string // "" is the default queue
	Priority *int   // nil is the default priority

	StartTime     time.Time // no slot before it
	Expires       time.Time // no run from it on
	ExpireSeconds int64     // after which a run that has not begun is pointless; 0 is never
	Changed       time.Time // when the row was last edited; required

	LastRunAt     time.Time // the last slot that ran, not the moment when it did
	TotalRunCount int64
}

// maxLead is how far a last run may lie in the future before it is taken for
// the work of a clock that was wrong.
const maxLead = 24 * time.Hour

// Due returns the slots to run now, in order, and when to ask again: the next
// slot, or the zero time when there is none unless the entry is edited. It is
// a pure function, so that schedulers which read the same row agree; a slot may
// come again after clocks were set, and is told apart by its time alone.
//
// Slots are counted from the last that ran, so that an interval keeps its
// rhythm however late its runs are. An entry that never ran counts from its
// start time or, without one, from its last edit, as django-celery-beat does;
// a clocked entry that never ran is due however old it is. Should the last run
// lie more than a day in the future, the clock that said so was wrong: counting
// begins anew, Grace before now.
func (e Entry) Due(now time.Time) (slots []time.Time, wake time.Time) {
	if !e.Enabled || e.Schedule == nil || e.ranOnce() || e.expired(now) {
		return nil, time.Time{}
	}
	after := e.countFrom(now)
	slots = e.Missed.Slots(e.Schedule, after, now)
	if e.OneOff && len(slots) > 0 {
		return slots[len(slots)-1:], time.Time{}
	}
	if last, ok := e.Schedule.last(after, now); ok {
		after = last
	}
	wake, ok := e.Schedule.Next(after)
	if !ok || e.expired(wake) {
		return slots, time.Time{}
	}
	return slots, wake
}

func (e Entry) ranOnce() bool { return e.OneOff && e.TotalRunCount > 0 }

func (e Entry) expired(t time.Time) bool { return !e.Expires.IsZero() && !t.Before(e.Expires) }

// countFrom returns the moment after which slots have not run.
func (e Entry) countFrom(now time.Time) time.Time {
	last := e.LastRunAt
	switch {
	case last.IsZero() && !e.StartTime.IsZero():
		return e.fromStart()
	case last.IsZero():
		return e.fromEdit()
	case last.Sub(now) > maxLead:
		last = e.Schedule.rewind(last, now.Add(-Grace))
	}
	if e.StartTime.After(last) {
		return e.fromStart()
	}
	return last
}

// fromStart returns the moment from which the start time is the first slot, if
// the schedule has a slot then.
func (e Entry) fromStart() time.Time {
	return e.Schedule.rewind(e.StartTime, e.StartTime.Add(-1))
}

// fromEdit returns where an entry begins that never ran.
func (e Entry) fromEdit() time.Time {
	if _, ok := e.Schedule.(Clocked); ok {
		return time.Time{}
	}
	return e.Changed
}

// Ran returns the entry after a slot of it was handed to a worker: counted,
// and disabled when it was to run once. Then the count begins anew, as in
// django-celery-beat, so that enabling the entry again runs it again.
func (e Entry) Ran(slot time.Time) Entry {
	e.LastRunAt = slot
	e.TotalRunCount++
	if e.OneOff {
		e.Enabled, e.TotalRunCount = false, 0
	}
	return e
}

// Deadline returns when a run that was enqueued at a moment is not to begin any
// more, the zero time when it always may.
func (e Entry) Deadline(enqueued time.Time) time.Time {
	if e.Expires.IsZero() && e.ExpireSeconds > 0 {
		return enqueued.Add(time.Duration(e.ExpireSeconds) * time.Second)
	}
	return e.Expires
}
