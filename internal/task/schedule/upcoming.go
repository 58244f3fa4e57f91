package schedule

import "time"

// Upcoming returns the next n times at which an entry is run, as far as that is
// known now: slots that are due are run at once. There are fewer when it ends
// before, and none when it is disabled.
func (e Entry) Upcoming(now time.Time, n int) (runs []time.Time) {
	slots, wake := e.Due(now)
	for range slots {
		if len(runs) < n {
			runs = append(runs, now.UTC())
		}
	}
	for len(runs) < n && !wake.IsZero() {
		runs = append(runs, wake)
		if e.OneOff {
			break
		}
		next, ok := e.Schedule.Next(wake)
		if !ok || e.expired(next) {
			break
		}
		wake = next
	}
	return runs
}
