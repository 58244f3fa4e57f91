package schedule

import "time"

// Schedule is one of Crontab, Interval, Clocked and Solar. Values are immutable
// and safe for concurrent use.
type Schedule interface {
	// Next returns the first slot strictly after that time, in UTC. It returns
	// false if there is none before the year 10000, the limit of the databases.
	Next(after time.Time) (time.Time, bool)

	// Describe returns a description such as "every day at 03:30
	// (Europe/Berlin)".
	Describe() string

	// last returns the last slot after the first and up to the second time.
	last(after, now time.Time) (time.Time, bool)

	// rewind returns a time at or before to, from which Next gives the slots
	// after to of a schedule that has a slot at anchor, which may be before or
	// after to.
	rewind(anchor, to time.Time) time.Time
}

// storable reports whether a time is within the years 1 to 9999, the range of
// Django and the databases.
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

// lastOf finds the last slot of a schedule whose Next is monotonic by binary
// search: a slot per minute for ten years takes about twenty steps.
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

// sentence ends the text of an error with a period, unless it asks a question.
func sentence(err error) string {
	text := err.Error()
	if text[len(text)-1] == '?' {
		return text
	}
	return text + "."
}
