package task

import (
	"context"
	"fmt"
	"slices"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task/schedule"
)

// Guarded is implemented by the argument types of kinds whose work requires
// permissions beyond those on periodic tasks: of everyone who starts, retries,
// schedules or reschedules such a task.
type Guarded interface {
	// Needs returns the permissions. It also accepts arguments that were not
	// checked, such as the zero value.
	Needs() []access.Permission
}

// Check returns nil if the actor may cause a task of the kind with those
// arguments, and otherwise an error of kind Denied that names the permission, or
// Unauthenticated.
func (k Kind) Check(actor access.Actor, args []byte) error {
	for _, p := range k.needs(args) {
		if err := actor.Check(p); err != nil {
			return fault.New(fault.KindOf(err), fmt.Sprintf("Tasks of the kind %s require the permission %s.", k.Name, p))
		}
	}
	return nil
}

// CheckKind returns nil if the actor may cause tasks of that kind with some
// arguments; see Kind.Check. Unknown kinds need no permission.
func (r *Registry) CheckKind(actor access.Actor, kind string) error {
	k, ok := r.kinds[kind]
	if !ok {
		return nil
	}
	return k.Check(actor, nil)
}

// show makes tasks as the actor may see them, and says what they wait for. The
// result of a kind that requires the permission to view users counts them, and is
// removed for actors without it.
func (t *Tasks) show(ctx context.Context, actor access.Actor, tasks []Task) error {
	for i := range tasks {
		k, known := t.kinds.kinds[tasks[i].Kind]
		if known && !actor.Can(access.ViewUser) && slices.Contains(k.needs(nil), access.ViewUser) {
			tasks[i].Result = nil
		}
	}
	return t.explain(ctx, tasks)
}

// CheckPeriodic returns nil if the actor may schedule the task of an entry; see
// Kind.Check. Tasks of other programs, which do not run here, need no permission.
func (r *Registry) CheckPeriodic(actor access.Actor, e schedule.Entry) error {
	k, target, err := r.Target(e.Task)
	if err != nil {
		return nil //nolint:nilerr // another program's
	}
	named, err := target.Arguments(e.Args, e.Kwargs)
	if err != nil {
		return k.Check(actor, nil) // they never run
	}
	return k.Check(actor, encoded(named))
}
