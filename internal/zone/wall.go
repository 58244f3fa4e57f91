package zone

import "time"

// MaxShift exceeds the offset of any zone from UTC, and the largest clock
// change ever, a day.
const MaxShift = 48 * time.Hour

// StartOfDay returns the first time at which the clocks of a zone show a date,
// usually midnight. If clocks skip midnight, it is the time of the jump; if
// midnight occurs twice, the first. Days and months may be out of range, as for
// time.Date.
func StartOfDay(year int, month time.Month, day int, in *time.Location) time.Time {
	return First(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), in)
}

// First returns the first time at which the clocks of a zone show a reading,
// given as the time in UTC with the same digits. For a skipped reading, it is
// the time of the jump.
func First(reading time.Time, in *time.Location) time.Time {
	t := reading.Add(-MaxShift).In(in)
	for {
		start, end := bounds(t)
		_, offset := t.Zone()
		at := reading.Add(-time.Duration(offset) * time.Second).In(in)
		switch {
		case !end.IsZero() && !at.Before(end):
			t = end
		case at.Before(start):
			return start
		default:
			return at
		}
	}
}

// Reading returns what the clocks show at t in its zone, as the time in UTC with
// the same digits.
func Reading(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// bounds returns ZoneBounds, whose end can be before t on the last day of leap
// years beyond the zone's table of changes: then it returns the next hour.
func bounds(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = t.Add(time.Hour)
	}
	return start, end
}
