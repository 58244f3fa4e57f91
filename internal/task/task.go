package task

import (
	"encoding/json"
	"time"
)

// State says where a task is.
type State string

// The states. A task is in a final one when nothing more happens to it unless a
// person acts.
const (
	Pending  State = "pending"  // waits for its time and a worker
	Running  State = "running"  // a worker has it under a lease
	Done     State = "done"     // final
	Dead     State = "dead"     // final: it failed too often, or for good; kept until a person acts
	Canceled State = "canceled" // final: a person or its deadline ended it
	Parked   State = "parked"   // its arguments are of a version that no worker here knows yet
)

// States lists the states in the order in which tasks go through them.
func States() []State { return []State{Pending, Running, Done, Dead, Canceled, Parked} }

// IsFinal reports whether nothing more happens by itself.
func (s State) IsFinal() bool { return s == Done || s == Dead || s == Canceled }

// New is a task that is about to be stored. Make it with Kind.New.
type New struct {
	Kind     string
	Version  int // of the arguments
	Queue    string
	Priority int             // 0 to 255; lower runs first
	Args     json.RawMessage // a JSON object; ids rather than personal data
	Actor    string          // the name of who caused it
	At       time.Time       // when it was made; UTC, whole microseconds
	RunAt    time.Time       // not before
	Deadline time.Time       // not to begin from then on; zero: it always may
}

// Task is a stored task.
type Task struct {
	New
	ID       int64
	State    State
	Runs     int    // how often a worker took it
	Attempts int    // runs that ended with an error
	Crashes  int    // runs whose worker was lost, or that panicked
	Worker   string // who has it, or had it last
	Trace    string // the span that was under way when it was stored, as a traceparent of W3C; "" when that was not traced

	CancelAsked bool  // the worker that has it is to stop
	Done, Total int64 // progress; Total is 0 while unknown

	Result   json.RawMessage // what the work returned; nil when nothing
	Error    string          // why it failed last
	Stack    string          // of the panic, "" when there was none
	Started  time.Time       // the last run; zero: none
	Finished time.Time       // zero: not final
}

// Outcome is what becomes of a task after a run.
type Outcome struct {
	State    State
	RunAt    time.Time       // of Pending
	Result   json.RawMessage // of Done
	Error    string          // "" leaves what is there
	Stack    string
	Attempts int       // to be added
	Crashes  int       // to be added
	At       time.Time // when it was decided
}
