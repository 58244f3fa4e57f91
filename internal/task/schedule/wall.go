package schedule

import "time"

// Wall clock readings are kept as times in UTC with the same digits.

// maxShift is above the distance of any zone from UTC, and above the largest
// jump that clocks ever made, a day.
const maxShift = 48 * time.Hour

// nextMinute returns the first whole minute that the clocks of a zone begin to
// show after that moment and have not shown before, as a wall clock reading.
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

// instant returns the moment at which the clocks of a zone show a reading for
// the first time. For a reading that they jump over it is the moment of the jump.
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

// reading returns what a clock in t's zone shows at t.
func reading(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// bounds returns ZoneBounds, whose end can lie before t on the last day of leap
// years beyond the zone's table of changes: there it returns the next hour.
func bounds(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = t.Add(time.Hour)
	}
	return start, end
}
