package task

import (
	"context"
	"time"

	"roster/internal/task/schedule"
)

// Backlog is the number of tasks of a kind in a state and queue, for states
// that are not final, and dead.
type Backlog struct {
	State       State
	Queue, Kind string
	Count       int64
	Oldest      time.Time // due time of the oldest task; zero if none
}

// Punctuality is how punctual a schedule is.
type Punctuality struct {
	Kind    string        // of its tasks
	LastRun time.Time     // zero: never
	Late    time.Duration // since the first due slot that has not run; 0: none
}

// ListPunctuality returns the punctuality of the enabled schedules whose tasks
// are of those kinds.
func ListPunctuality(ctx context.Context, timetable Timetable, kinds *Registry) ([]Punctuality, error) {
	now, err := timetable.Clock(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := timetable.ListSchedules(ctx)
	if err != nil {
		return nil, err
	}
	var all []Punctuality
	for _, r := range rows {
		e, err := r.Read()
		kind, known := kinds.kindOf(e)
		if err != nil || !known {
			continue // the beat logs the reason
		}
		p := Punctuality{Kind: kind, LastRun: e.LastRunAt}
		if slots, _ := e.Due(now); len(slots) > 0 {
			p.Late = max(now.Sub(slots[0]), 0)
		}
		all = append(all, p)
	}
	return all, nil
}

// kindOf returns the name of the kind of a schedule's tasks, false if there is no
// such kind.
func (r *Registry) kindOf(e schedule.Entry) (string, bool) {
	name := e.Task
	if target, known := schedule.Find(name); known {
		name = target.Kind
	}
	_, ok := r.kinds[name]
	return name, ok
}
