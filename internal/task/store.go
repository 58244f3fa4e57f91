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

// Queue is what a worker needs of the storage. Implementations are safe for
// concurrent use, also by several processes, and answer with errors of package
// fault.
type Queue interface {
	// Clock returns the time by which leases are judged. Every worker on the same
	// storage is told the same, whatever the clock of its machine says.
	Clock(ctx context.Context) (time.Time, error)
	// Enqueued is sent to, by no more than one message at a time, after a task was
	// stored through this Queue's storage in this process.
	Enqueued() <-chan struct{}
	// ClaimTasks takes tasks that are due, those of the lowest priority number
	// first, then the oldest, under the lease. Nobody else has them.
	ClaimTasks(ctx context.Context, c Claim) ([]Task, error)
	// RenewTasks extends the lease on those runs that it still holds until that
	// time, stores their progress, and returns them.
	RenewTasks(ctx context.Context, lease string, until time.Time, runs []Run) ([]Held, error)
	// FinishTask stores what became of a run; false when the lease is no longer
	// held, and then nothing is changed. Called again it is false.
	FinishTask(ctx context.Context, lease string, run Run, o Outcome) (bool, error)
}

// Upkeep is what keeps the tasks in order. Every worker does it, at any time;
// what one has done leaves nothing to the next. Implementations are as those of
// Queue.
type Upkeep interface {
	// SweepTasks gives up to limit tasks whose lease ended before now to decide,
	// and stores what it returns. It returns the tasks as they were.
	SweepTasks(ctx context.Context, now time.Time, limit int, decide func(Task) Outcome) ([]Task, error)
	// UnparkTasks makes parked tasks pending whose arguments can be read.
	UnparkTasks(ctx context.Context, readable []Versions, now time.Time) error
	// DropTasks removes up to limit tasks that were done or canceled before that
	// time, with what was kept for them, and slots as old, and returns how many
	// tasks that was. A task for which much was kept may be left to a later call.
	DropTasks(ctx context.Context, before time.Time, limit int) (int, error)
	// SaveWorker notes that a worker is there. The first time it also forgets those
	// that were last seen Gone before it.
	SaveWorker(ctx context.Context, w WorkerInfo) error
	// RemoveWorker forgets a worker. One that is not there is no error.
	RemoveWorker(ctx context.Context, id string) error
}

// Storage is all that a worker needs.
type Storage interface {
	Queue
	Upkeep
}

// Gone is how long a worker may not have been seen before it counts as lost. Its
// tasks are run again by then.
const Gone = 2 * Lease

// Claim says what a worker takes.
type Claim struct {
	Lease  string // a random name that no other worker has
	Worker string // the worker's name for people
	Now    time.Time
	Until  time.Time      // the end of the lease
	Limit  int            // tasks at most
	Queues []string       // nil: all
	Room   map[string]int // by kind, how many at most; kinds that are missing are left alone
}

// Run is one run of a task. Nobody else has the same, whatever became of the task.
type Run struct {
	ID          int64
	Number      int   // Task.Runs
	Done, Total int64 // progress
}

// Held is a run whose lease goes on.
type Held struct {
	ID          int64
	CancelAsked bool
}

// Versions says which arguments of a kind can be read.
type Versions struct {
	Kind           string
	Oldest, Newest int
}

// WorkerInfo is what is known of a worker that is running.
type WorkerInfo struct {
	ID          string // its lease
	Name        string // host and process
	Queues      string // separated by commas; "": all
	Concurrency int
	Running     int // tasks under way
	Started     time.Time
	Seen        time.Time
}

// Finder finds and counts tasks. Implementations are as those of Queue.
type Finder interface {
	// FindTask returns one task: NotFound when there is none.
	FindTask(ctx context.Context, id int64) (Task, error)
	// ListTasks returns up to limit of the tasks that f selects, the newest first,
	// after skipping offset of them.
	ListTasks(ctx context.Context, f Filter, offset int64, limit int) ([]Task, error)
	// TaskIDs returns up to limit ids of the tasks that f selects, the lowest first.
	TaskIDs(ctx context.Context, f Filter, limit int) ([]int64, error)
	// CountFound returns how many tasks f selects, up to most.
	CountFound(ctx context.Context, f Filter, most int64) (int64, error)
	// CountTasksBy counts the newest tasks that f selects by a field, up to most
	// tasks.
	CountTasksBy(ctx context.Context, f Filter, by Field, most int) (Counts, error)
	// TaskExtent returns how many tasks f selects, and their highest id.
	TaskExtent(ctx context.Context, f Filter) (count, through int64, err error)
	// TaskSpan returns when the first and the last task was made; zero: there is none.
	TaskSpan(ctx context.Context) (first, last time.Time, err error)
}

// Store keeps tasks for people, who look at them and act on them.
type Store interface {
	Finder
	// Clock returns the time by which workers are seen; see Queue.
	Clock(ctx context.Context) (time.Time, error)
	// CountTasks returns how many tasks there are in each state.
	CountTasks(ctx context.Context) (map[State]int64, error)
	// CountQueues returns how many tasks there are in each queue and each state in
	// which something is still to be done, by a worker or a person.
	CountQueues(ctx context.Context) (map[string]map[State]int64, error)
	// CountFinished counts the tasks that came to their final state at from or
	// later, by the minute, the hour or the day, as step says. Spans without any
	// are left out; the oldest is first.
	CountFinished(ctx context.Context, from time.Time, step Step) ([]Rate, error)
	// ListWorkers returns the workers that were seen at since or later, the oldest
	// first.
	ListWorkers(ctx context.Context, since time.Time) ([]WorkerInfo, error)
	// InTaskTx runs fn in one transaction, as user.Store says of InTx.
	InTaskTx(ctx context.Context, fn func(Tx) error) error
}

// Tx is what can be done with tasks, and with the schedules that start them,
// within one transaction.
type Tx interface {
	audit.Recorder
	Enqueuer
	// FindTask returns one task, which nobody else changes until the transaction
	// ends; NotFound when there is none.
	FindTask(id int64) (Task, error)
	// CancelTask ends a task that waits, and asks the worker that has it to stop.
	CancelTask(id int64, at time.Time) error
	// RetryTask makes a task pending that is dead, canceled or parked, as if it
	// had never run.
	RetryTask(id int64, at time.Time) error
	// FindSchedule returns an entry of the timetable, which no one else changes
	// until the transaction ends; NotFound when there is none.
	FindSchedule(id int64) (schedule.Row, error)
	// ClaimSlot notes that a slot of an entry is run; Conflict when it already was.
	ClaimSlot(id int64, slot time.Time) error
	// SaveRun stores what Entry.Ran changes.
	SaveRun(before, after schedule.Entry) error
}
