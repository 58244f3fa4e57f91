package task

import (
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task/schedule"
)

// Periodic returns the task that an entry of a schedule starts. The error is
// Invalid if the kind is unknown or rejects the arguments.
func (r *Registry) Periodic(e schedule.Entry, actor access.Actor, now time.Time) (New, error) {
	k, target, err := r.Target(e.Task)
	if err != nil {
		return New{}, err
	}
	args, err := target.Arguments(e.Args, e.Kwargs)
	if err != nil {
		return New{}, err
	}
	n, err := k.New(now, actor.Name(), args)
	if err != nil {
		return New{}, err
	}
	n.Queue = orElse(e.Queue, n.Queue)
	if e.Priority != nil {
		n.Priority = *e.Priority
	}
	n.Deadline = e.Deadline(n.At)
	return n, nil
}

// Target returns the kind for the task of a schedule, by its own name or its
// Celery name. The error is Invalid if it is unknown.
func (r *Registry) Target(name string) (Kind, schedule.Target, error) {
	target, known := schedule.Find(name)
	switch {
	case known && target.Kind == "":
		return Kind{}, target, fault.New(fault.Invalid, target.Ignored)
	case !known:
		target = schedule.Target{Kind: name}
	}
	k, err := r.Find(target.Kind)
	return k, target, err
}
