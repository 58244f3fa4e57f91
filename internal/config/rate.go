package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is how many uses are allowed within a time.
type Rate struct {
	Limit  int           // at least 1
	Window time.Duration // whole seconds, at least one
}

const (
	maxLimit  = 1_000_000
	maxWindow = 366 * 24 * time.Hour
)

// units are the names of periods, the first of each length being the one that String writes.
var units = []struct {
	length time.Duration
	names  []string
}{
	{24 * time.Hour, []string{"day", "d", "days"}},
	{time.Hour, []string{"hour", "h", "hours"}},
	{time.Minute, []string{"min", "m", "minute", "minutes"}},
	{time.Second, []string{"s", "sec", "second", "seconds"}},
}

// ParseRate reads a rate such as "10/5min" or, as Django REST Framework writes
// them, "100/day": a number, a slash, and a period of seconds, minutes, hours or
// days, which may have a number before it. The limit is 1 to 1,000,000, the
// period at most 366 days. The error quotes the text and says what is allowed.
func ParseRate(text string) (Rate, error) {
	limit, period, ok := strings.Cut(text, "/")
	n, nOK := parseCount(limit)
	window, windowOK := parsePeriod(period)
	if !ok || !nOK || !windowOK {
		return Rate{}, fmt.Errorf("%q is not a rate such as 10/5min or 100/day", text)
	}
	return Rate{n, window}, nil
}

// String returns the rate in the shortest form that ParseRate reads.
func (r Rate) String() string {
	for _, u := range units {
		if n := r.Window / u.length; r.Window%u.length == 0 && n > 0 {
			if n == 1 {
				return fmt.Sprintf("%d/%s", r.Limit, u.names[0])
			}
			return fmt.Sprintf("%d/%d%s", r.Limit, n, u.names[0])
		}
	}
	return fmt.Sprintf("%d/%v", r.Limit, r.Window)
}

// parseCount reads a number from 1 to maxLimit, in digits alone.
func parseCount(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil && 1 <= n && n <= maxLimit
}

// parsePeriod reads a unit with or without a number before it.
func parsePeriod(text string) (time.Duration, bool) {
	name := strings.TrimLeft(text, "0123456789")
	n, ok := 1, true
	if digits := text[:len(text)-len(name)]; digits != "" {
		n, ok = parseCount(digits)
	}
	length := unitLength(name)
	period := time.Duration(n) * length // at most 1,000,000 days: far from overflowing
	return period, ok && 0 < period && period <= maxWindow
}

// unitLength returns the length of a unit, 0 when there is none of that name.
func unitLength(name string) time.Duration {
	for _, u := range units {
		for _, known := range u.names {
			if name == known {
				return u.length
			}
		}
	}
	return 0
}
