package periodic

import (
	"context"
	"time"

	"roster/internal/audit"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// Store keeps periodic tasks. Implementations are safe for concurrent use, also by
// several processes, and answer with errors of package fault.
type Store interface {
	// Clock returns the time by which slots are due; see task.Queue.
	Clock(ctx context.Context) (time.Time, error)
	// FindPeriodic returns one entry: NotFound when there is none.
	FindPeriodic(ctx context.Context, id int64) (schedule.Row, error)
	// ListPeriodic returns up to limit of the entries that f leaves, by their ids,
	// after skipping offset of them.
	ListPeriodic(ctx context.Context, f Filter, offset int64, limit int) ([]schedule.Row, error)
	// CountPeriodic returns how many entries f leaves.
	CountPeriodic(ctx context.Context, f Filter) (int64, error)
	// InPeriodicTx runs fn in one transaction, as user.Store says of InTx.
	InPeriodicTx(ctx context.Context, fn func(Tx) error) error
}

// Tx is what can be done with periodic tasks within one transaction.
type Tx interface {
	audit.Recorder
	task.Enqueuer
	// FindSchedule returns an entry, which nobody else changes until the
	// transaction ends; NotFound when there is none.
	FindSchedule(id int64) (schedule.Row, error)
	// TakenScheduleName reports whether another entry than except has the name.
	TakenScheduleName(name string, except int64) (bool, error)
	// InsertSchedule stores a new entry, which has one schedule, and returns its
	// id. Conflict when its name is taken.
	InsertSchedule(r schedule.Row) (int64, error)
	// UpdateSchedule stores every field of an entry, found by its id. Conflict when
	// its name is taken.
	UpdateSchedule(r schedule.Row) error
	// DeleteSchedule removes an entry.
	DeleteSchedule(id int64) error
	// TouchSchedules tells schedulers, Celery's among them, that entries were
	// edited at that time.
	TouchSchedules(at time.Time) error
}

// Filter says which entries are listed. The zero Filter is all.
type Filter struct {
	Words   []string // each must be in the name, the task or the description
	Enabled *bool
	Task    string // exactly
}
