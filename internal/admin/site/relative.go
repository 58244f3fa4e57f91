package site

import (
	"strconv"
	"time"

	"roster/internal/httpkit"
)

// relative returns a time as people say it at now, in the same zone: "5 minutes
// ago", "in 2 days", or the day if it is a week or more away.
func relative(at, now time.Time) string {
	away := at.Sub(now)
	past := away <= 0
	if past {
		away = -away
	}
	switch day := 24 * time.Hour; {
	case away < time.Minute && past:
		return "just now"
	case away < time.Minute:
		return "in a moment"
	case away < time.Hour:
		return beside(int(away/time.Minute), "minute", past)
	case away < day:
		return beside(int(away/time.Hour), "hour", past)
	case away < 7*day:
		return beside(int(away/day), "day", past)
	}
	return at.Format(httpkit.DayLayout)
}

// beside returns "3 hours ago" or "in 3 hours".
func beside(n int, unit string, past bool) string {
	text := strconv.Itoa(n) + " " + unit
	if n != 1 {
		text += "s"
	}
	if past {
		return text + " ago"
	}
	return "in " + text
}
