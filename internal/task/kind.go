package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
)

// The default queue and priority of tasks.
const (
	DefaultQueue    = "default"
	DefaultPriority = 5
)

// Kind is a kind of task. Create one with Define.
type Kind struct {
	Name    string // stored with tasks; up to 100 ASCII characters
	Version int    // of the arguments that New stores; at least 1
	Oldest  int    // oldest readable version of the arguments; 0: Version

	Queue    string // "": DefaultQueue
	Priority int    // 0 to 255, lower runs first; 0: DefaultPriority

	Timeout     time.Duration // of a run; 0: five minutes
	MaxAttempts int           // runs that may fail; 0: 5
	MaxCrashes  int           // runs that may crash; 0: 3
	Backoff     time.Duration // before the second attempt, doubled before each further one; 0: 10 s
	Concurrency int           // concurrent runs per process; 0: unlimited
	Rate        time.Duration // minimum interval between starts per process; 0: none

	Mailing bool // it has deliveries, which can be repeated; see Tasks.Resend
	InBytes bool // the progress is in bytes, displayed as MiB and so on

	Summary string // a sentence that describes the kind
	Example string // example arguments, a JSON object

	check func(args []byte) error
	needs func(args []byte) []access.Permission
	run   func(ctx context.Context, job *Job, args []byte) (any, error)
}

// maxBackoff is the maximum wait between two attempts.
const maxBackoff = time.Hour

// Define returns a kind whose arguments are a JSON object that decodes into A;
// unknown fields, and null for fields that are no pointers, slices, or maps, are
// rejected. run does the work; its result is stored as JSON,
// nil for none. It must end soon after ctx is done. Errors of the kinds Invalid
// and Unprocessable are permanent; others are retried.
func Define[A any](k Kind, run func(ctx context.Context, job *Job, args A) (any, error)) Kind {
	k.Oldest = orElse(k.Oldest, k.Version)
	k.Queue = orElse(k.Queue, DefaultQueue)
	k.Priority = orElse(k.Priority, DefaultPriority)
	k.Timeout = orElse(k.Timeout, 5*time.Minute)
	k.MaxAttempts = orElse(k.MaxAttempts, 5)
	k.MaxCrashes = orElse(k.MaxCrashes, 3)
	k.Backoff = orElse(k.Backoff, 10*time.Second)
	k.check = func(args []byte) error {
		if _, err := read[A](k.Name, args); err != nil {
			return err
		}
		return checkNulls[A](k.Name, args)
	}
	k.needs = func(args []byte) []access.Permission {
		parsed, err := read[A](k.Name, args)
		if err != nil {
			parsed = *new(A) // such a task never runs
		}
		if g, ok := any(parsed).(Guarded); ok {
			return g.Needs()
		}
		return nil
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

// New returns a task to be stored, which is due immediately. args is encoded as
// JSON. The error is Invalid if the kind does not accept args, so a run never
// rejects the arguments of a task returned by New.
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

// Reads reports whether the kind can read arguments of that version.
func (k Kind) Reads(version int) bool { return k.Oldest <= version && version <= k.Version }

// wait returns how long to wait after that many attempts: exponential backoff,
// with jitter of up to a quarter, so that tasks that failed together are not
// retried together.
func (k Kind) wait(attempts int) time.Duration {
	pause := k.Backoff
	for ; attempts > 1 && pause < maxBackoff; attempts-- {
		pause *= 2
	}
	pause = min(pause, maxBackoff)
	return pause*3/4 + rand.N(pause/2+1) //nolint:gosec // jitter
}

// Later is the error of a run that has done what it could for now, and is to be
// continued: no failed attempt. An empty Reason keeps the error of the task.
type Later struct { //nolint:errname // it is no failure
	In     time.Duration // until the next start; negative like 0
	Reason string        // why there is more to do, a clause
}

// Error returns the reason.
func (l *Later) Error() string { return l.Reason }

// afterError returns the outcome of a run that returned an error.
func (k Kind) afterError(t Task, err error, now time.Time) Outcome {
	if later, ok := errors.AsType[*Later](err); ok {
		return Outcome{State: Pending, Error: later.Reason, At: now, RunAt: now.Add(max(0, later.In))}
	}
	o := Outcome{State: Pending, Error: err.Error(), Attempts: 1, At: now, RunAt: now.Add(k.wait(t.Attempts + 1))}
	kind := fault.KindOf(err)
	if t.Attempts+1 >= k.MaxAttempts || kind == fault.Invalid || kind == fault.Unprocessable {
		o.State = Dead
	}
	return o
}

// afterCrash returns the outcome of a crashed run.
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
