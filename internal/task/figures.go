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
	Name    string
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
		if err != nil || !kinds.runs(e) {
			continue // the beat logs the reason
		}
		p := Punctuality{Name: e.Name, LastRun: e.LastRunAt}
		if slots, _ := e.Due(now); len(slots) > 0 {
			p.Late = max(now.Sub(slots[0]), 0)
		}
		all = append(all, p)
	}
	return all, nil
}

// runs reports whether an entry's task is of one of the kinds.
func (r *Registry) runs(e schedule.Entry) bool {
	name := e.Task
	if target, known := schedule.Find(name); known {
		name = target.Kind
	}
	_, ok := r.kinds[name]
	return ok
}
