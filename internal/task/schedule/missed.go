package schedule

import (
	"fmt"
	"slices"
	"time"

	"roster/internal/fault"
)

// Missed says what becomes of slots that passed while no scheduler ran.
type Missed string

// The policies. What is none of them is RunOnce.
const (
	RunOnce Missed = "once" // one run, for the last slot
	RunNone Missed = "skip" // none, unless the last slot is within Grace
	RunAll  Missed = "all"  // the last MaxMissed slots, each by itself
)

const (
	// Grace is how late a slot still counts as punctual: longer than another
	// scheduler takes to step in for one that died.
	Grace = time.Minute

	// MaxMissed is how many slots run at once at most, whatever the policy.
	MaxMissed = 100
)

// ParseMissed reads a policy by its name: once, skip or all, where "" is once.
// The error is Invalid.
func ParseMissed(text string) (Missed, error) {
	switch m := Missed(text); m {
	case "":
		return RunOnce, nil
	case RunOnce, RunNone, RunAll:
		return m, nil
	}
	var wrong fault.Fields
	wrong.Add("missed", fmt.Sprintf("The policy missed %q is not once, skip or all.", text))
	return "", wrong.Err()
}

// Slots returns the slots to run now, in order, when the last one that ran was
// after. It does not grow with the time that has passed. A schedule that has no
// slot yet gives none.
func (m Missed) Slots(s Schedule, after, now time.Time) []time.Time {
	last, ok := s.last(after, now)
	if !ok || (m == RunNone && now.Sub(last) > Grace) {
		return nil
	}
	slots := []time.Time{last}
	for m == RunAll && len(slots) < MaxMissed {
		if last, ok = s.last(after, last.Add(-1)); !ok {
			break
		}
		slots = append(slots, last)
	}
	slices.Reverse(slots)
	return slots
}
