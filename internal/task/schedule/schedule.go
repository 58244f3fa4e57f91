package schedule

import (
	"time"
	_ "time/tzdata" // hosts and containers without zones get the same slots
)

// Schedule is one of Crontab, Interval, Clocked and Solar. The values are
// immutable and may be used by many goroutines at once.
type Schedule interface {
	// Next returns the first slot strictly after that moment, in UTC. It
	// returns false when no slot follows, or none before the year 10000,
	// which no database here can store.
	Next(after time.Time) (time.Time, bool)

	// Describe returns what a person calls the schedule, such as "every day
	// at 03:30 (Europe/Berlin)".
	Describe() string
}

// storable reports whether a moment is within the years 1 to 9999, which are
// all that Django and the databases can hold.
func storable(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9999
}

// slot returns t as the answer of Next.
func slot(t time.Time) (time.Time, bool) {
	if !storable(t) {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// sentence returns an error about a column as what a person reads.
func sentence(err error) string { return "The " + err.Error() + "." }
