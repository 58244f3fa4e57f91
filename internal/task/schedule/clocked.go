package schedule

import (
	"fmt"
	"time"

	"roster/internal/fault"
)

// Clocked runs once, at a given time. Create one with ParseClocked; the zero
// value never runs. Clocked values are comparable.
type Clocked struct {
	at time.Time
}

// ParseClocked parses a row of django_celery_beat_clockedschedule. Fractions of
// a microsecond are truncated, as in the databases. The error is Invalid if the
// time is missing, or outside the years 1 to 9999.
func ParseClocked(at time.Time) (Clocked, error) {
	at = at.UTC().Truncate(time.Microsecond)
	if at.IsZero() || !storable(at) {
		var wrong fault.Fields
		wrong.Add("clocked_time", fmt.Sprintf("The clocked_time %s is not a time in the years 1 to 9999.", at.Format(time.RFC3339)))
		return Clocked{}, wrong.Err()
	}
	return Clocked{at: at}, nil
}

// Next returns the clocked time if it is after that time.
func (c Clocked) Next(after time.Time) (time.Time, bool) {
	if c.at.IsZero() || !c.at.After(after) {
		return time.Time{}, false
	}
	return c.at, true
}

func (c Clocked) last(after, now time.Time) (time.Time, bool) { return lastOf(c, after, now) }

func (c Clocked) rewind(_, to time.Time) time.Time { return to }

// Describe returns text such as "once at 2027-01-01 00:00:00 UTC".
func (c Clocked) Describe() string {
	return "once at " + c.at.Format("2006-01-02 15:04:05 MST")
}
