package task

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
)

// MaxQueueName is the maximum length of a queue's name, in bytes.
const MaxQueueName = 100

// Filter selects tasks. The zero Filter selects all.
type Filter struct {
	State State
	Kind  string
	Queue string
	User  int64 // the argument user_id; 0 for any
	// From and Before bound the creation time: at or after From, before Before.
	From, Before time.Time
	// Words are lower case. Each must occur in the kind, the id, the queue, the
	// actor, the worker, the arguments or the error.
	Words []string
	// After and Through bound the id: greater than After, at most Through; 0
	// means no bound.
	After, Through int64
}

// Field is a field that tasks are counted by.
type Field string

// The fields.
const (
	ByState Field = "state"
	ByKind  Field = "kind"
	ByQueue Field = "queue"
)

// Counts are the numbers of tasks by value of a field.
type Counts struct {
	Count map[string]int64
	Total int64
	More  bool // older tasks were not counted
}

// Found is what a search found among the newest tasks.
type Found struct {
	Tasks []Task // a page of them, newest first
	Total int64  // number of tasks that match
	// Counts has the number of tasks by value of a field, if the field itself
	// were not filtered.
	Counts map[Field]map[string]int64
	Since  time.Time // creation of the last older task; zero if all were examined
}

// searchWithin is the number of newest tasks that Search examines, so that it
// takes no longer as the table grows.
const searchWithin = 20_000

// searchFew is the same for SearchNewest.
const searchFew = 2_000

func mayView(actor access.Actor) error { return actor.Check(access.Schedules.View()) }

// ParseState returns the state of that name, or Invalid. "" is valid and means
// no state.
func ParseState(name string) (State, error) {
	for _, s := range States() {
		if name == string(s) {
			return s, nil
		}
	}
	if name == "" {
		return "", nil
	}
	var faults fault.Fields
	faults.Add("state", fmt.Sprintf("%q is not a state. The states are pending, running, paused, done, dead, canceled and parked.", name))
	return "", faults.Err()
}

// List returns up to limit tasks that match f, newest first, after skipping
// offset; see Find for their results.
func (t *Tasks) List(ctx context.Context, actor access.Actor, f Filter, offset int64, limit int) ([]Task, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	found, err := t.store.ListTasks(ctx, f, offset, limit)
	if err != nil {
		return nil, err
	}
	return found, t.show(ctx, actor, found)
}

// Search returns up to limit of the newest tasks that match f, newest first,
// after skipping offset. It examines the newest 20,000 tasks between From and
// Before.
func (t *Tasks) Search(ctx context.Context, actor access.Actor, f Filter, offset int64, limit int) (Found, error) {
	if err := mayView(actor); err != nil {
		return Found{}, err
	}
	found, err := t.store.SearchTasks(ctx, f, searchWithin, offset, limit)
	if err != nil {
		return Found{}, err
	}
	return found, t.show(ctx, actor, found.Tasks)
}

// SearchNewest returns up to limit of the tasks that match f, newest first, among
// the newest 2,000.
func (t *Tasks) SearchNewest(ctx context.Context, actor access.Actor, f Filter, limit int) ([]Task, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	found, err := t.store.SearchTasks(ctx, f, searchFew, 0, limit)
	if err != nil {
		return nil, err
	}
	return found.Tasks, t.show(ctx, actor, found.Tasks)
}

// CountFound returns how many tasks match f, counting up to most.
func (t *Tasks) CountFound(ctx context.Context, actor access.Actor, f Filter, most int64) (int64, error) {
	if err := mayView(actor); err != nil {
		return 0, err
	}
	return t.store.CountFound(ctx, f, most)
}

// CountBy counts the newest tasks that match f by a field, up to most tasks.
func (t *Tasks) CountBy(ctx context.Context, actor access.Actor, f Filter, by Field, most int) (Counts, error) {
	if err := mayView(actor); err != nil {
		return Counts{}, err
	}
	return t.store.CountTasksBy(ctx, f, by, most)
}

// Extent returns how many tasks match f, and their highest id.
func (t *Tasks) Extent(ctx context.Context, actor access.Actor, f Filter) (count, through int64, err error) {
	if err := mayView(actor); err != nil {
		return 0, 0, err
	}
	return t.store.TaskExtent(ctx, f)
}

// Span returns when the first and the last task were created, zero if there is
// none.
func (t *Tasks) Span(ctx context.Context, actor access.Actor) (first, last time.Time, err error) {
	if err := mayView(actor); err != nil {
		return first, last, err
	}
	return t.store.TaskSpan(ctx)
}

// Count returns the number of tasks in each state.
func (t *Tasks) Count(ctx context.Context, actor access.Actor) (map[State]int64, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	return t.store.CountTasks(ctx)
}

// Queues returns the number of tasks in each queue by state, except done and
// canceled ones.
func (t *Tasks) Queues(ctx context.Context, actor access.Actor) (map[string]map[State]int64, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	return t.store.CountQueues(ctx)
}

// Workers returns the workers seen within Gone, oldest first.
func (t *Tasks) Workers(ctx context.Context, actor access.Actor) ([]WorkerInfo, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	now, err := t.store.Clock(ctx)
	if err != nil {
		return nil, err
	}
	return t.store.ListWorkers(ctx, now.Add(-Gone))
}

// Step is the length of a Rate.
type Step string

// The steps.
const (
	Minutely Step = "minute"
	Hourly   Step = "hour"
	Daily    Step = "day"
)

// MaxRates is the maximum number of rates per call.
const MaxRates = 400

// length returns the duration of a step, 0 if it is invalid.
func (s Step) length() time.Duration {
	return map[Step]time.Duration{Minutely: time.Minute, Hourly: time.Hour, Daily: 24 * time.Hour}[s]
}

// Rate is how many tasks finished within a period.
type Rate struct {
	Start    time.Time // of the period; UTC
	Done     int64
	Dead     int64 // failures; retried attempts do not count
	Canceled int64
}

// Add counts n tasks that reached that state; states that are not final are
// ignored.
func (r *Rate) Add(state State, n int64) {
	switch state {
	case Done:
		r.Done += n
	case Dead:
		r.Dead += n
	case Canceled:
		r.Canceled += n
	case Pending, Running, Paused, Parked:
	}
}

// Rates returns the rates of the last n steps, oldest first; the last one is
// still in progress. Deleted tasks, and dead ones that were retried, are not
// counted. The error is Invalid if the step is unknown, or n is not from 1 to
// MaxRates.
func (t *Tasks) Rates(ctx context.Context, actor access.Actor, step Step, n int) ([]Rate, error) {
	if err := mayView(actor); err != nil {
		return nil, err
	}
	length := step.length()
	var faults fault.Fields
	if length == 0 {
		faults.Add("step", fmt.Sprintf("%q is not minute, hour or day.", string(step)))
	}
	if n < 1 || n > MaxRates {
		faults.Add("count", fmt.Sprintf("%d is not a number from 1 to %d.", n, MaxRates))
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	now, err := t.store.Clock(ctx)
	if err != nil {
		return nil, err
	}
	from := now.UTC().Truncate(length).Add(-time.Duration(n-1) * length)
	found, err := t.store.CountFinished(ctx, from, step)
	if err != nil {
		return nil, err
	}
	rates := make([]Rate, n)
	for i := range rates {
		rates[i].Start = from.Add(time.Duration(i) * length)
	}
	for _, f := range found {
		if i := int(f.Start.Sub(from) / length); i >= 0 && i < n {
			rates[i] = f
		}
	}
	return rates, nil
}
