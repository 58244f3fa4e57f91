package schedule

import "time"

// Upcoming returns the next n run times of an entry, as far as they are known:
// due slots run immediately. There are fewer if it ends earlier, and none if it
// is disabled.
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
