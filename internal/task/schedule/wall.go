package schedule

import (
	"time"

	"roster/internal/zone"
)

// nextMinute returns the first whole minute, as zone.Reading, that the clocks of
// a zone start to show after that time and have not shown before.
func nextMinute(after time.Time, in *time.Location) time.Time {
	local := after.In(in)
	next := zone.Reading(local).Truncate(time.Minute).Add(time.Minute)
	start, _ := local.ZoneBounds()
	if start.IsZero() || after.Sub(start) > zone.MaxShift {
		return next
	}
	shown := zone.Reading(start.Add(-1)).Add(time.Minute).Truncate(time.Minute)
	if shown.After(next) {
		return shown
	}
	return next
}
