package task

import "time"

// WaitsFor is waits.
func WaitsFor(t Task, k Kind, now time.Time, running map[string]int64, workers ...WorkerInfo) string {
	return waits(t, k, situation{now, workers, running})
}

// AfterError is Kind.afterError.
func AfterError(k Kind, t Task, err error, now time.Time) Outcome { return k.afterError(t, err, now) }

// AfterCrash is Kind.afterCrash.
func AfterCrash(k Kind, t Task, reason, stack string, now time.Time) Outcome {
	return k.afterCrash(t, reason, stack, now)
}
