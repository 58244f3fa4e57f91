package task

import (
	"context"

	"roster/internal/access"
	"roster/internal/fault"
)

// Batch selects tasks: those in IDs or, without IDs, those that match Filter.
type Batch struct {
	IDs    []int64
	Filter Filter
}

// BatchResult is the result of a batch.
type BatchResult struct {
	Changed, Skipped int
	Last             int64 // highest id processed by a filter; 0 if no tasks are left
}

// maxBatch is the maximum number of tasks per call, each changed in its own
// transaction.
const maxBatch = 50

// CancelBatch cancels the tasks of a batch, like Cancel, and skips finished
// ones. If one fails, earlier ones stay canceled.
func (t *Tasks) CancelBatch(ctx context.Context, actor access.Actor, b Batch) (BatchResult, error) {
	return t.each(ctx, actor, b, t.Cancel)
}

// RetryBatch retries the tasks of a batch, like Retry, and skips those that
// Retry rejects. If one fails, earlier ones stay retried.
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
		case kind == fault.Conflict || kind == fault.NotFound || kind == fault.Denied:
			r.Skipped++
		default:
			return r, err
		}
	}
	return r, nil
}
