package schedule

import (
	"fmt"
	"slices"
	"time"

	"roster/internal/fault"
)

// Missed is the policy for slots that passed while no scheduler ran.
type Missed string

// The policies. Unknown values mean RunOnce.
const (
	RunOnce Missed = "once" // one run, for the last slot
	RunNone Missed = "skip" // none, unless the last slot is within Grace
	RunAll  Missed = "all"  // each of the last MaxMissed slots
)

const (
	// Grace is how late a slot may be and still count as punctual: longer than
	// it takes another scheduler to take over.
	Grace = time.Minute

	// MaxMissed is the maximum number of slots that run at once, whatever the
	// policy.
	MaxMissed = 100
)

// ParseMissed parses the name of a policy: once, skip or all; "" means once.
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

// Slots returns the slots to run now, in order, after the last one that ran.
// Their number does not grow with the elapsed time.
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
