package schedule

import "time"

// Wall clock readings are stored as times in UTC with the same digits.

// maxShift exceeds the offset of any zone from UTC, and the largest clock
// change ever, a day.
const maxShift = 48 * time.Hour

// nextMinute returns the first whole minute, as a wall clock reading, that the
// clocks of a zone start to show after that time and have not shown before.
func nextMinute(after time.Time, zone *time.Location) time.Time {
	local := after.In(zone)
	next := reading(local).Truncate(time.Minute).Add(time.Minute)
	start, _ := local.ZoneBounds()
	if start.IsZero() || after.Sub(start) > maxShift {
		return next
	}
	shown := reading(start.Add(-1)).Add(time.Minute).Truncate(time.Minute)
	if shown.After(next) {
		return shown
	}
	return next
}

// instant returns the first time at which the clocks of a zone show a reading.
// For a skipped reading, it returns the time of the jump.
func instant(wall time.Time, zone *time.Location) time.Time {
	t := wall.Add(-maxShift).In(zone)
	for {
		start, end := bounds(t)
		_, offset := t.Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
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

// reading returns the wall clock reading of t in its zone.
func reading(t time.Time) time.Time {
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
