package job

import (
	"context"
	"time"

	"roster/internal/fault"
	"roster/internal/task"
)

// NoopArgs are the arguments of noop.
type NoopArgs struct {
	Milliseconds int64 `json:"milliseconds"` // duration
}

// Check implements task.Checker.
func (a NoopArgs) Check() error {
	if a.Milliseconds < 0 {
		return fault.New(fault.Invalid, "The argument milliseconds must not be negative.")
	}
	return nil
}

// Noop returns the kind noop, which only takes time, to try out workers.
func Noop() task.Kind {
	k := task.Kind{
		Name: "noop", Version: 1, MaxAttempts: 1, MaxCrashes: 100,
		Summary: "Does nothing for a given time.", Example: `{"milliseconds": 1000}`,
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
