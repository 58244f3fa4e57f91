package schedule

import (
	"time"

	"roster/internal/fault"
)

// Row is a stored row of django_celery_beat_periodictask with its schedule, of
// which it has exactly one.
type Row struct {
	Entry // without Schedule

	Description string
	Crontab     *CrontabSpec
	Interval    *IntervalSpec
	Solar       *SolarSpec
	Clocked     time.Time // zero: none

	// Unreadable reports that a stored value cannot be read, and is zero here.
	// An edit replaces it.
	Unreadable bool
}

// IntervalSpec is a row of django_celery_beat_intervalschedule.
type IntervalSpec struct {
	Every  int64
	Period string
}

// SolarSpec is a row of django_celery_beat_solarschedule.
type SolarSpec struct {
	Event               string
	Latitude, Longitude float64
}

// Read returns the entry with its schedule. The error is Invalid, and names the
// wrong columns.
func (r Row) Read() (e Entry, err error) {
	e = r.Entry
	switch {
	case r.Unreadable:
		err = fault.New(fault.Invalid, "A stored date or number cannot be read. Save the schedule to replace it.")
	case r.Crontab != nil:
		e.Schedule, err = ParseCrontab(*r.Crontab)
	case r.Interval != nil:
		e.Schedule, err = ParseInterval(r.Interval.Every, r.Interval.Period)
	case r.Solar != nil:
		e.Schedule, err = ParseSolar(r.Solar.Event, r.Solar.Latitude, r.Solar.Longitude)
	case !r.Clocked.IsZero():
		e.Schedule, err = ParseClocked(r.Clocked)
	default:
		err = fault.New(fault.Invalid, "It has neither a crontab nor an interval, a solar event or a clocked time.")
	}
	return e, err
}
