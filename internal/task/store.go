package task

import (
	"context"
	"time"

	"roster/internal/audit"
	"roster/internal/task/schedule"
)

// Enqueuer stores tasks in the transaction of the change that causes them.
type Enqueuer interface {
	// Enqueue stores a task and returns its id.
	Enqueue(n New) (int64, error)
}

// Queue is the storage of a worker. Implementations are safe for concurrent
// use, also by several processes, and return errors of package fault.
type Queue interface {
	// Clock returns the time that leases are compared with. It is the same for
	// all workers on the same storage, whatever the clocks of their machines.
	Clock(ctx context.Context) (time.Time, error)
	// Enqueued receives a value after a task was stored through this storage in
	// this process. At most one value is pending.
	Enqueued() <-chan struct{}
	// ClaimTasks claims due tasks under the lease, lowest priority number
	// first, then oldest. No other worker gets them.
	ClaimTasks(ctx context.Context, c Claim) ([]Task, error)
	// RenewTasks extends the lease on those runs that it still holds until that
	// time, stores their progress, and returns them.
	RenewTasks(ctx context.Context, lease string, until time.Time, runs []Run) ([]Held, error)
	// FinishTask stores the outcome of a run; Pending becomes Paused if a person
	// asked for that. If the lease is no longer held,
	// or if it is called again, it changes nothing and returns false.
	FinishTask(ctx context.Context, lease string, run Run, o Outcome) (bool, error)
}

// Upkeep maintains the tasks. Every worker runs it at any time; it is
// idempotent. Implementations are like those of Queue.
type Upkeep interface {
	// SweepTasks passes up to limit tasks whose lease ended before now to
	// decide, and stores the results. It returns the tasks as they were.
	SweepTasks(ctx context.Context, now time.Time, limit int, decide func(Task) Outcome) ([]Task, error)
	// UnparkTasks makes parked tasks with readable arguments pending.
	UnparkTasks(ctx context.Context, readable []Versions, now time.Time) error
	// SaveWorker records that a worker is alive. The first call also deletes
	// workers last seen Gone before.
	SaveWorker(ctx context.Context, w WorkerInfo) error
	// RemoveWorker deletes a worker. A missing worker is not an error.
	RemoveWorker(ctx context.Context, id string) error
}

// Storage combines everything a worker needs.
type Storage interface {
	Queue
	Upkeep
}

// Gone is how long ago a worker must have been seen to count as alive. Its
// tasks run again by then.
const Gone = 2 * Lease

// Claim describes what a worker claims.
type Claim struct {
	Lease  string // unique random name
	Worker string // display name of the worker
	Now    time.Time
	Until  time.Time      // end of the lease
	Limit  int            // maximum number of tasks
	Queues []string       // nil: all
	Room   map[string]int // maximum number by kind; other kinds are not claimed
}

// Run is one run of a task, which is unique even if the task is retried.
type Run struct {
	ID          int64
	Number      int   // Task.Runs
	Done, Total int64 // progress
}

// Held is a run whose lease was renewed.
type Held struct {
	ID          int64
	CancelAsked bool
	PauseAsked  bool
}

// Versions are the readable argument versions of a kind.
type Versions struct {
	Kind           string
	Oldest, Newest int
}

// WorkerInfo describes a running worker.
type WorkerInfo struct {
	ID          string // its lease
	Name        string // host and process
	Queues      string // separated by commas; "": all
	Concurrency int
	Running     int // running tasks, except those that rest
	Started     time.Time
	Seen        time.Time
}

// Finder finds and counts tasks. Implementations are like those of Queue.
type Finder interface {
	// FindTask returns a task, or NotFound.
	FindTask(ctx context.Context, id int64) (Task, error)
	// ListTasks returns up to limit tasks that match f, newest first, after
	// skipping offset.
	ListTasks(ctx context.Context, f Filter, offset int64, limit int) ([]Task, error)
	// SearchTasks returns up to limit of the tasks that match f, newest first,
	// after skipping offset. It examines the newest tasks between f.From and
	// f.Before, as many as within.
	SearchTasks(ctx context.Context, f Filter, within int, offset int64, limit int) (Found, error)
	// TaskIDs returns up to limit ids of tasks that match f, in ascending
	// order.
	TaskIDs(ctx context.Context, f Filter, limit int) ([]int64, error)
	// CountFound returns how many tasks match f, up to most.
	CountFound(ctx context.Context, f Filter, most int64) (int64, error)
	// CountTasksBy counts the newest tasks that match f by a field, up to most
	// tasks.
	CountTasksBy(ctx context.Context, f Filter, by Field, most int) (Counts, error)
	// TaskExtent returns how many tasks match f, and their highest id.
	TaskExtent(ctx context.Context, f Filter) (count, through int64, err error)
	// TaskSpan returns when the first and the last task were created; zero if
	// there is none.
	TaskSpan(ctx context.Context) (first, last time.Time, err error)
}

// Store stores tasks, for those who manage them.
type Store interface {
	Finder
	// Clock returns the time that workers are compared with; see Queue.
	Clock(ctx context.Context) (time.Time, error)
	// CountTasks returns the number of tasks in each state.
	CountTasks(ctx context.Context) (map[State]int64, error)
	// CountQueues returns the number of tasks in each queue by state, except
	// done and canceled ones.
	CountQueues(ctx context.Context) (map[string]map[State]int64, error)
	// CountFinished counts the tasks that finished at or after from, by minute,
	// hour or day, as set by step. Empty periods are omitted; the oldest is
	// first.
	CountFinished(ctx context.Context, from time.Time, step Step) ([]Rate, error)
	// ListWorkers returns the workers seen at or after since, oldest first.
	ListWorkers(ctx context.Context, since time.Time) ([]WorkerInfo, error)
	// InTaskTx runs fn in one transaction, as user.Store says of InTx.
	InTaskTx(ctx context.Context, fn func(Tx) error) error
}

// Steering changes the state of tasks in a transaction.
type Steering interface {
	// CancelTask cancels a pending task, and asks the worker of a running one
	// to stop.
	CancelTask(id int64, at time.Time) error
	// RetryTask makes a dead, canceled or parked task pending, as if it had
	// never run, and a pending one due, with all its deliveries.
	RetryTask(id int64, at time.Time) error
	// PauseTask makes a pending task Paused, and a running one once its run
	// ends, unless that run ends it.
	PauseTask(id int64) error
	// ResumeTask makes a paused task pending again, for the time it had, and
	// withdraws a request to pause.
	ResumeTask(t Task, at time.Time) error
	// ResendTask makes a finished mailing pending, with those of its deliveries
	// that did not reach a recipient, and returns their number. If there is
	// none, it changes nothing.
	ResendTask(id int64, at time.Time) (int64, error)
}

// Tx is a transaction on tasks and the schedules that start them.
type Tx interface {
	audit.Recorder
	Enqueuer
	Steering
	// FindTask returns a task and locks it until the transaction ends, or
	// returns NotFound.
	FindTask(id int64) (Task, error)
	// FindSchedule returns an entry of the timetable, which no one else changes
	// until the transaction ends; NotFound when there is none.
	FindSchedule(id int64) (schedule.Row, error)
	// ClaimSlot notes that a slot of an entry is run; Conflict when it already was.
	ClaimSlot(id int64, slot time.Time) error
	// ScheduleEditor returns who last changed an entry through Roster, and when,
	// according to the audit trail; "" if no one did.
	ScheduleEditor(id int64) (name string, at time.Time, err error)
	// SaveRun stores what Entry.Ran changes.
	SaveRun(before, after schedule.Entry) error
}
