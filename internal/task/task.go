package task

import (
	"encoding/json"
	"time"
)

// State is the state of a task.
type State string

// The states. A task in a final state stays there unless a person acts.
const (
	Pending  State = "pending"  // waits for its time and a worker
	Running  State = "running"  // a worker has it under a lease
	Paused   State = "paused"   // a mailing that a person paused; it waits for a person
	Done     State = "done"     // final
	Dead     State = "dead"     // final: failed permanently; kept until a person acts
	Canceled State = "canceled" // final: ended by a person or its deadline
	Parked   State = "parked"   // no worker here knows the version of its arguments yet
)

// States lists the states in the order of a task's life.
func States() []State { return []State{Pending, Running, Paused, Done, Dead, Canceled, Parked} }

// IsFinal reports whether nothing more happens automatically.
func (s State) IsFinal() bool { return s == Done || s == Dead || s == Canceled }

// New is a task to be stored. Create it with Kind.New.
type New struct {
	Kind     string
	Version  int // of the arguments
	Queue    string
	Priority int             // 0 to 255; lower runs first
	Args     json.RawMessage // a JSON object; ids rather than personal data
	Actor    string          // name of the actor who caused it
	At       time.Time       // creation time; UTC, whole microseconds
	RunAt    time.Time       // earliest start
	Deadline time.Time       // latest start; zero: none
}

// Task is a stored task.
type Task struct {
	New
	ID       int64
	State    State
	Runs     int    // number of claims
	Attempts int    // failed runs
	Crashes  int    // crashed runs
	Worker   string // current or last worker
	Trace    string // span in which it was stored, as a W3C traceparent; "" if not traced

	CancelAsked bool  // its worker should stop
	PauseAsked  bool  // it should end its run, and become Paused
	Done, Total int64 // progress; Total is 0 while unknown

	Waits    string          // what it waits for, a clause; "" if it does not wait. Only Tasks sets it
	Result   json.RawMessage // result of the work; nil if none
	Error    string          // last error
	Stack    string          // of the panic, "" if none
	Started  time.Time       // start of the last run; zero: none
	Finished time.Time       // zero: not final
}

// Outcome is the result of a run.
type Outcome struct {
	State    State
	RunAt    time.Time       // for Pending
	Result   json.RawMessage // for Done
	Error    string          // "" keeps the previous one
	Stack    string
	Attempts int       // to be added
	Crashes  int       // to be added
	At       time.Time // time of the decision
}
