package task

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"roster/internal/fault"
)

// The queue and the priority of tasks that ask for none.
const (
	DefaultQueue    = "default"
	DefaultPriority = 5
)

// Kind is one sort of task. Make one with Define.
type Kind struct {
	Name    string // as tasks are stored by; up to 100 ASCII characters
	Version int    // of the arguments that New stores; from 1 on
	Oldest  int    // the first version that the arguments can be read from; 0: Version

	Queue    string // "": DefaultQueue
	Priority int    // 0 to 255, lower runs first; 0: DefaultPriority

	Timeout     time.Duration // of a run; 0: five minutes
	MaxAttempts int           // runs that may end with an error; 0: 5
	MaxCrashes  int           // runs that may be lost; 0: 3
	Backoff     time.Duration // before the second attempt, twice as long before each further one; 0: 10 s
	Concurrency int           // runs at once in one process; 0: any number
	Rate        time.Duration // between the starts of two runs in one process; 0: none

	InBytes bool // the progress counts bytes, which people are shown as MiB and the like

	Summary string // what it does, a sentence for people
	Example string // arguments that it takes, a JSON object

	check func(args []byte) error
	run   func(ctx context.Context, job *Job, args []byte) (any, error)
}

// maxBackoff is the longest wait between two attempts.
const maxBackoff = time.Hour

// Define returns a kind whose arguments are a JSON object that A takes; fields
// that A does not have are refused. run does the work; its result is stored as
// JSON, nil for none. It ends soon after ctx is done. Errors of the kinds Invalid
// and Unprocessable end the task, as another attempt would fail alike; others are
// tried again.
func Define[A any](k Kind, run func(ctx context.Context, job *Job, args A) (any, error)) Kind {
	k.Oldest = orElse(k.Oldest, k.Version)
	k.Queue = orElse(k.Queue, DefaultQueue)
	k.Priority = orElse(k.Priority, DefaultPriority)
	k.Timeout = orElse(k.Timeout, 5*time.Minute)
	k.MaxAttempts = orElse(k.MaxAttempts, 5)
	k.MaxCrashes = orElse(k.MaxCrashes, 3)
	k.Backoff = orElse(k.Backoff, 10*time.Second)
	k.check = func(args []byte) error {
		_, err := read[A](k.Name, args)
		return err
	}
	k.run = func(ctx context.Context, job *Job, args []byte) (any, error) {
		parsed, err := read[A](k.Name, args)
		if err != nil {
			return nil, err
		}
		return run(ctx, job, parsed)
	}
	return k
}

func orElse[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// New returns a task to be stored, which runs as soon as it can. args is
// marshalled to JSON. The error is Invalid when the kind does not take args: what
// New has returned is not refused by the run for its arguments.
func (k Kind) New(at time.Time, actor string, args any) (New, error) {
	text, err := json.Marshal(args)
	if err != nil {
		return New{}, fault.Wrap(fault.Invalid, fmt.Sprintf("The arguments of %s cannot be written.", k.Name), err)
	}
	if string(text) == "null" {
		text = []byte("{}")
	}
	if err := k.check(text); err != nil {
		return New{}, err
	}
	at = at.UTC().Truncate(time.Microsecond)
	return New{
		Kind: k.Name, Version: k.Version, Queue: k.Queue, Priority: k.Priority,
		Args: text, Actor: actor, At: at, RunAt: at,
	}, nil
}

// Reads reports whether arguments of that version can be read.
func (k Kind) Reads(version int) bool { return k.Oldest <= version && version <= k.Version }

// wait returns how long to wait after that many attempts: exponentially longer,
// by up to a quarter more or less, lest tasks that failed together come again
// together.
func (k Kind) wait(attempts int) time.Duration {
	pause := k.Backoff
	for ; attempts > 1 && pause < maxBackoff; attempts-- {
		pause *= 2
	}
	pause = min(pause, maxBackoff)
	return pause*3/4 + rand.N(pause/2+1) //nolint:gosec // it only keeps tasks from moving in step
}

// afterError returns what becomes of a task whose run returned an error.
func (k Kind) afterError(t Task, err error, now time.Time) Outcome {
	o := Outcome{State: Pending, Error: err.Error(), Attempts: 1, At: now, RunAt: now.Add(k.wait(t.Attempts + 1))}
	kind := fault.KindOf(err)
	if t.Attempts+1 >= k.MaxAttempts || kind == fault.Invalid || kind == fault.Unprocessable {
		o.State = Dead
	}
	return o
}

// afterCrash returns what becomes of a task whose run was lost.
func (k Kind) afterCrash(t Task, reason, stack string, now time.Time) Outcome {
	o := Outcome{State: Pending, Error: reason, Stack: stack, Crashes: 1, At: now, RunAt: now}
	switch {
	case t.CancelAsked:
		o.State = Canceled
	case t.Crashes+1 >= k.MaxCrashes:
		o.State = Dead
		o.Error = fmt.Sprintf("given up after %d crashes; the last: %s", t.Crashes+1, reason)
	}
	return o
}
