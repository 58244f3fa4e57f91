package schedule

import (
	"fmt"
	"time"

	"roster/internal/fault"
)

// Clocked runs once, at one moment. Make one with ParseClocked; the zero value
// never runs. Clocked values are comparable.
type Clocked struct {
	at time.Time
}

// ParseClocked reads a row of django_celery_beat_clockedschedule. Fractions of
// a microsecond are cut off, as the databases do. The error is Invalid: the
// moment is missing, or outside of the years 1 to 9999.
func ParseClocked(at time.Time) (Clocked, error) {
	at = at.UTC().Truncate(time.Microsecond)
	if at.IsZero() || !storable(at) {
		var wrong fault.Fields
		wrong.Add("clocked_time", fmt.Sprintf("The clocked_time %s is not a moment of the years 1 to 9999.", at.Format(time.RFC3339)))
		return Clocked{}, wrong.Err()
	}
	return Clocked{at: at}, nil
}

// Next returns the moment itself when it is after that moment.
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
