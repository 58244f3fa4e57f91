package task

import (
	"context"

	"roster/internal/access"
	"roster/internal/fault"
)

// Batch names tasks: those of IDs, or without IDs those that Filter selects.
type Batch struct {
	IDs    []int64
	Filter Filter
}

// BatchResult is what became of a batch.
type BatchResult struct {
	Changed, Skipped int
	Last             int64 // the highest id of a filter's batch; 0 when no tasks are left
}

// maxBatch is how many tasks one call changes, each in a transaction of its own.
const maxBatch = 50

// CancelBatch cancels the tasks of a batch, as Cancel does, and skips those that
// have ended. When one fails, those before it stay canceled.
func (t *Tasks) CancelBatch(ctx context.Context, actor access.Actor, b Batch) (BatchResult, error) {
	return t.each(ctx, actor, b, t.Cancel)
}

// RetryBatch runs the tasks of a batch again, as Retry does, and skips those that
// Retry refuses. When one fails, those before it stay retried.
func (t *Tasks) RetryBatch(ctx context.Context, actor access.Actor, b Batch) (BatchResult, error) {
	return t.each(ctx, actor, b, t.Retry)
}

func (t *Tasks) each(ctx context.Context, actor access.Actor, b Batch, do func(context.Context, access.Actor, int64) error) (r BatchResult, err error) {
	if err := actor.Check(access.Schedules.Change()); err != nil {
		return r, err
	}
	ids := b.IDs
	if len(ids) == 0 {
		if ids, err = t.store.TaskIDs(ctx, b.Filter, maxBatch); err != nil {
			return r, err
		}
		if len(ids) == maxBatch {
			r.Last = ids[len(ids)-1]
		}
	}
	for _, id := range ids {
		err := do(ctx, actor, id)
		switch kind := fault.KindOf(err); {
		case err == nil:
			r.Changed++
		case kind == fault.Conflict || kind == fault.NotFound:
			r.Skipped++
		default:
			return r, err
		}
	}
	return r, nil
}
