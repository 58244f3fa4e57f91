package schedule

import (
	"fmt"
	"strings"
	"time"

	"roster/internal/fault"
)

// Interval runs repeatedly after a fixed duration. Days have 24 hours, even if
// clocks change. Create one with ParseInterval; the zero value never runs.
// Intervals are comparable.
type Interval struct {
	every  int64
	period string
}

// periods are the units of django_celery_beat_intervalschedule.
var periods = map[string]time.Duration{
	"days":         24 * time.Hour,
	"hours":        time.Hour,
	"minutes":      time.Minute,
	"seconds":      time.Second,
	"microseconds": time.Microsecond,
}

// Periods returns the units, longest first.
func Periods() []string { return []string{"days", "hours", "minutes", "seconds", "microseconds"} }

// ParseInterval parses a row of django_celery_beat_intervalschedule: period is
// days, hours, minutes, seconds or microseconds. The error is Invalid and names
// the column and its value. every must be positive, and the interval at most 292
// years, the maximum time.Duration. One of less than a second, which
// django-celery-beat knows too, has a slot per second.
func ParseInterval(every int64, period string) (Interval, error) {
	unit, known := periods[period]
	var wrong fault.Fields
	if !known {
		wrong.Add("period", fmt.Sprintf("The period %q is not days, hours, minutes, seconds or microseconds.", period))
	}
	switch {
	case every < 1:
		wrong.Add("every", fmt.Sprintf("The number every is %d; it must be positive.", every))
	case known && every > int64(1<<63-1)/int64(unit):
		wrong.Add("every", fmt.Sprintf("The number every is %d, which is too long in %s.", every, period))
	}
	if err := wrong.Err(); err != nil {
		return Interval{}, err
	}
	return Interval{every: every, period: period}, nil
}

// shortest is the minimum time between two slots.
const shortest = time.Second

// length returns the time between two slots.
func (i Interval) length() time.Duration {
	return max(time.Duration(i.every)*periods[i.period], shortest)
}

// Next returns the time one interval later: intervals count from the last slot,
// which after must be.
func (i Interval) Next(after time.Time) (time.Time, bool) {
	if i.every < 1 || !storable(after) {
		return time.Time{}, false
	}
	return slot(after.Add(i.length()))
}

func (i Interval) last(after, now time.Time) (time.Time, bool) {
	found := i.rewind(after, now)
	if i.every < 1 || !found.After(after) {
		return time.Time{}, false
	}
	return slot(found)
}

// rewind counts in steps, because a time.Duration reaches only 292 years.
func (i Interval) rewind(anchor, to time.Time) time.Time {
	if i.every < 1 {
		return anchor
	}
	for to.Sub(anchor) >= i.length() {
		anchor = anchor.Add(to.Sub(anchor).Truncate(i.length()))
	}
	for anchor.After(to) {
		anchor = anchor.Add(-max(anchor.Sub(to).Truncate(i.length()), i.length()))
	}
	return anchor
}

// Describe returns text such as "every 10 minutes" or "every day".
func (i Interval) Describe() string {
	text := fmt.Sprintf("every %d %s", i.every, i.period)
	if i.every == 1 {
		text = "every " + strings.TrimSuffix(i.period, "s")
	}
	if time.Duration(i.every)*periods[i.period] < shortest {
		text += ", at most once a second"
	}
	return text
}
