package task

import "time"

// WaitsFor is waits.
func WaitsFor(t Task, k Kind, now time.Time, running map[string]int64, workers ...WorkerInfo) string {
	return waits(t, k, situation{now, workers, running})
}
