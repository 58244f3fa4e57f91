package schedule

import "time"

// Entry is a row of django_celery_beat_periodictask with its schedule. Zero
// times mean NULL. Entries are values: methods return changed copies.
type Entry struct {
	ID   int64
	Name string // unique
	Task string // Celery name; see Find

	Schedule Schedule
	Missed   Missed
	OneOff   bool
	Enabled  bool

	Args     string // a JSON array
	Kwargs   string // a JSON object
	Queue    string // "" is the default queue
	Priority *int   // nil is the default priority

	StartTime     time.Time // first possible slot
	Expires       time.Time // no runs from then on
	ExpireSeconds int64     // seconds after which a run no longer starts; 0: never
	Changed       time.Time // last edit; required

	LastRunAt     time.Time // the last slot that ran, not the time of the run
	TotalRunCount int64
}

// maxLead is how far in the future the last run may be. Beyond that, a wrong
// clock must have written it.
const maxLead = 24 * time.Hour

// Due returns the slots to run now, in order, and when to check again: the next
// slot, or the zero time if there is none until the entry is edited. It is a
// pure function, so that schedulers that read the same row agree. After clock
// changes, a slot may be returned again; it is identified by its time.
//
// Slots are counted from the last one that ran, so that an interval keeps its
// rhythm however late its runs are, and from the start time if it is later. Slots
// before the last edit are not due, unless they ran on time, within Grace: an
// entry that never ran counts from its edit, unlike in django-celery-beat, which
// runs one with a start time in the past at once. If the last run is more than a
// day in the future, a clock was wrong: counting restarts Grace before now.
func (e Entry) Due(now time.Time) (slots []time.Time, wake time.Time) {
	if !e.Enabled || e.Schedule == nil || e.Spent() || e.expired(now) {
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

// Spent reports whether a one-off entry has run, so that it does not run again.
func (e Entry) Spent() bool { return e.OneOff && e.TotalRunCount > 0 }

func (e Entry) expired(t time.Time) bool { return !e.Expires.IsZero() && !t.Before(e.Expires) }

// countFrom returns the time after which slots have not run.
func (e Entry) countFrom(now time.Time) time.Time {
	anchor, from := e.LastRunAt, e.LastRunAt
	switch {
	case from.IsZero():
		anchor, from = e.Changed, e.Changed.Add(-e.leeway())
	case from.Sub(now) > maxLead:
		from = now.Add(-Grace)
	case !e.Changed.After(now):
		from = later(from, e.Changed.Add(-Grace))
	}
	if e.LastRunAt.IsZero() && !e.StartTime.IsZero() || e.StartTime.After(anchor) {
		anchor, from = e.StartTime, later(from, e.StartTime.Add(-1))
	}
	return e.Schedule.rewind(anchor, from)
}

// leeway returns how long before its last edit an entry that never ran may have a
// slot: a clocked time is often the time of the edit itself.
func (e Entry) leeway() time.Duration {
	if _, ok := e.Schedule.(Clocked); ok {
		return Grace
	}
	return 0
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Ran returns the entry after a slot was handed to a worker: counted, and
// disabled if it was to run once. Then counting restarts, as in
// django-celery-beat, so that enabling the entry runs it again.
func (e Entry) Ran(slot time.Time) Entry {
	e.LastRunAt = slot
	e.TotalRunCount++
	if e.OneOff {
		return e.Retired()
	}
	return e
}

// Retired returns a spent entry as django-celery-beat leaves it: disabled, so that
// enabling it runs it again.
func (e Entry) Retired() Entry {
	e.Enabled, e.TotalRunCount = false, 0
	return e
}

// Deadline returns when a run enqueued at that time must no longer start, the
// zero time if never.
func (e Entry) Deadline(enqueued time.Time) time.Time {
	if e.Expires.IsZero() && e.ExpireSeconds > 0 {
		return enqueued.Add(time.Duration(e.ExpireSeconds) * time.Second)
	}
	return e.Expires
}
