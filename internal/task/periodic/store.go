package periodic

import (
	"context"
	"time"

	"roster/internal/audit"
	"roster/internal/query"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// Store stores periodic tasks. Implementations are safe for concurrent use,
// also by several processes, and return errors of package fault.
type Store interface {
	// Clock returns the time that determines which slots are due; see
	// task.Queue.
	Clock(ctx context.Context) (time.Time, error)
	// FindPeriodic returns an entry, or NotFound.
	FindPeriodic(ctx context.Context, id int64) (schedule.Row, error)
	// ListPeriodic returns up to limit entries that match f, by id, after
	// skipping offset.
	ListPeriodic(ctx context.Context, f Filter, offset int64, limit int) ([]schedule.Row, error)
	// CountPeriodic returns how many entries match f.
	CountPeriodic(ctx context.Context, f Filter) (int64, error)
	// InPeriodicTx runs fn in one transaction, as user.Store says of InTx.
	InPeriodicTx(ctx context.Context, fn func(Tx) error) error
}

// Tx is a transaction on periodic tasks.
type Tx interface {
	audit.Recorder
	task.Enqueuer
	// FindSchedule returns an entry and locks it until the transaction ends, or
	// returns NotFound.
	FindSchedule(id int64) (schedule.Row, error)
	// TakenScheduleName reports whether an entry other than except has the
	// name.
	TakenScheduleName(name string, except int64) (bool, error)
	// InsertSchedule stores a new entry, which has one schedule, and returns
	// its id, or Conflict if its name is taken.
	InsertSchedule(r schedule.Row) (int64, error)
	// UpdateSchedule stores every field of an entry, by its id. It returns
	// Conflict if its name is taken.
	UpdateSchedule(r schedule.Row) error
	// DeleteSchedule deletes an entry.
	DeleteSchedule(id int64) error
	// TouchSchedules notifies schedulers, including Celery's, that entries were
	// edited at that time.
	TouchSchedules(at time.Time) error
}

// Filter selects entries. The zero Filter selects all.
type Filter struct {
	Words   []string // each must occur in the name, the task or the description
	Enabled query.Choice
	Task    string // exact, by its own or its Celery name
}
