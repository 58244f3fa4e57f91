// Package board is how people look through many tasks at once: it searches and
// counts them, and does to many what package task does to one.
package board

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task"
)

// Query says which tasks are looked for; the zero Query finds all.
type Query struct {
	task.Filter

	Words []string // in lower case, each to be in the kind, the actor, the worker, the arguments or the error
	// Ids are higher than After and no higher than Through; 0 bounds nothing.
	After, Through int64
}

// Field is a field that tasks are counted by.
type Field string

// The fields.
const (
	ByState Field = "state"
	ByKind  Field = "kind"
	ByQueue Field = "queue"
)

// Tally is how many tasks a query finds, by the values of a field.
type Tally struct {
	Total int64
	More  bool // there are more, and older ones were not counted
	Count map[string]int64
}

// Store keeps the tasks. Implementations are safe for concurrent use, and answer
// with errors of package fault.
type Store interface {
	// LookForTasks returns tasks that q finds, the newest first.
	LookForTasks(ctx context.Context, q Query, offset int64, limit int) ([]task.Task, error)
	// TallyTasks counts what q finds by a field, up to the newest most.
	TallyTasks(ctx context.Context, q Query, by Field, most int) (Tally, error)
	// TaskIDs returns up to limit ids of tasks that q finds, the lowest first.
	TaskIDs(ctx context.Context, q Query, limit int) ([]int64, error)
	// TaskExtent returns how many tasks q finds, and the highest id.
	TaskExtent(ctx context.Context, q Query) (count, through int64, err error)
	// TaskSpan returns when the first and the last task was made; zero: there is none.
	TaskSpan(ctx context.Context) (first, last time.Time, err error)
}

// Batch names tasks: those of IDs, or without IDs those that Query finds.
type Batch struct {
	IDs   []int64
	Query Query
}

// Step is what became of a batch.
type Step struct {
	Changed, Skipped int
	Last             int64 // the highest id of a query's batch; 0 when none is left
}

// maxBatch is how many tasks a step takes, each in a transaction of its own.
const maxBatch = 50

// Tasks is task.Tasks for those who look through many. Every method checks the
// actor by the permissions on periodic tasks, and is safe for concurrent use.
type Tasks struct {
	*task.Tasks
	store Store
}

// NewTasks returns the service; tasks is what changes them.
func NewTasks(store Store, tasks *task.Tasks) *Tasks { return &Tasks{tasks, store} }

func mayView(actor access.Actor) error { return actor.Check(access.Schedules.View()) }

// Look returns tasks that q finds, the newest first.
func (t *Tasks) Look(ctx context.Context, actor access.Actor, q Query, offset int64, limit int) ([]task.Task, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	return t.store.LookForTasks(ctx, q, offset, limit)
}

// Tally counts what q finds by a field, up to the newest most.
func (t *Tasks) Tally(ctx context.Context, actor access.Actor, q Query, by Field, most int) (Tally, error) {
	if err := mayView(actor); err != nil {
		return Tally{}, err
	}
	return t.store.TallyTasks(ctx, q, by, most)
}

// Extent returns how many tasks q finds, and the highest id.
func (t *Tasks) Extent(ctx context.Context, actor access.Actor, q Query) (count, through int64, err error) {
	if err := mayView(actor); err != nil {
		return 0, 0, err
	}
	return t.store.TaskExtent(ctx, q)
}

// Span returns when the first and the last task was made; zero times when there
// is none.
func (t *Tasks) Span(ctx context.Context, actor access.Actor) (first, last time.Time, err error) {
	if err := mayView(actor); err != nil {
		return first, last, err
	}
	return t.store.TaskSpan(ctx)
}

// CancelBatch cancels tasks of a batch, as Cancel does; those that have ended are
// skipped. One that fails leaves those before it canceled.
func (t *Tasks) CancelBatch(ctx context.Context, actor access.Actor, b Batch) (Step, error) {
	return t.each(ctx, actor, b, t.Cancel)
}

// RetryBatch runs tasks of a batch again, as Retry does; those for which that
// makes no sense are skipped. One that fails leaves those before it retried.
func (t *Tasks) RetryBatch(ctx context.Context, actor access.Actor, b Batch) (Step, error) {
	return t.each(ctx, actor, b, t.Retry)
}

func (t *Tasks) each(ctx context.Context, actor access.Actor, b Batch, do func(context.Context, access.Actor, int64) error) (step Step, err error) {
	if err := actor.Check(access.Schedules.Change()); err != nil {
		return step, err
	}
	ids := b.IDs
	if len(ids) == 0 {
		if ids, err = t.store.TaskIDs(ctx, b.Query, maxBatch); err != nil {
			return step, err
		}
		if len(ids) == maxBatch {
			step.Last = ids[len(ids)-1]
		}
	}
	for _, id := range ids {
		err := do(ctx, actor, id)
		switch kind := fault.KindOf(err); {
		case err == nil:
			step.Changed++
		case kind == fault.Conflict || kind == fault.NotFound:
			step.Skipped++
		default:
			return step, err
		}
	}
	return step, nil
}
