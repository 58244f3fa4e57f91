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

	// last returns the last slot after the one and up to the other moment.
	last(after, now time.Time) (time.Time, bool)

	// rewind returns a moment at or before to from which Next gives what a
	// schedule that has a slot at anchor does after to.
	rewind(anchor, to time.Time) time.Time
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

// lastOf searches for the last slot of a schedule whose Next grows with its
// argument. It halves the span at every step: a slot a minute for ten years
// takes some twenty.
func lastOf(s Schedule, after, now time.Time) (time.Time, bool) {
	found, ok := s.Next(after)
	if !ok || found.After(now) {
		return time.Time{}, false
	}
	for end := now; ; {
		next, ok := s.Next(found)
		if !ok || next.After(now) {
			return found, true
		}
		middle := next.Add(end.Sub(next) / 2)
		later, ok := s.Next(middle)
		if ok && !later.After(now) {
			found = later
		} else {
			found, end = next, middle
		}
	}
}

// sentence returns an error about a column as what a person reads.
func sentence(err error) string { return "The " + err.Error() + "." }
