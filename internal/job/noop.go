package job

import (
	"context"
	"time"

	"roster/internal/fault"
	"roster/internal/task"
)

// NoopArgs are the arguments of noop.
type NoopArgs struct {
	Milliseconds int64 `json:"milliseconds"` // how long it takes
}

// Check implements task.Checker.
func (a NoopArgs) Check() error {
	if a.Milliseconds < 0 {
		return fault.New(fault.Invalid, "The argument milliseconds may not be below 0.")
	}
	return nil
}

// Noop returns the kind noop, which does nothing but take time: for trying out
// workers.
func Noop() task.Kind {
	k := task.Kind{
		Name: "noop", Version: 1, MaxAttempts: 1, MaxCrashes: 100,
		Summary: "Does nothing but take time.", Example: `{"milliseconds": 1000}`,
	}
	return task.Define(k,
		func(ctx context.Context, job *task.Job, args NoopArgs) (any, error) {
			select {
			case <-time.After(time.Duration(args.Milliseconds) * time.Millisecond):
				job.Progress(1, 1)
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
}
