package subject

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/job"
	"roster/internal/task"
	"roster/internal/user"
)

// Trail reads the audit trail; *audit.Trail does.
type Trail interface {
	// Part returns entries about an object; see audit.Trail.
	Part(ctx context.Context, actor access.Actor, view access.Permission, o audit.Object, p audit.Part) ([]audit.Row, error)
}

// Records finds what is kept about a user. It is safe for concurrent use, and checks
// permissions: a reader of users sees the row and its audit entries; tasks and mail
// also need the permission to view tasks.
type Records struct {
	users         *user.Users
	subscriptions *user.Subscriptions
	trail         Trail
	tasks         *task.Tasks
	mails         *job.Mails
}

// NewRecords returns the records of these services.
func NewRecords(users *user.Users, subscriptions *user.Subscriptions, trail Trail, tasks *task.Tasks, mails *job.Mails) *Records {
	return &Records{users: users, subscriptions: subscriptions, trail: trail, tasks: tasks, mails: mails}
}

// Event is something that happened to a user: one of Entry, Mail and Task is set.
type Event struct {
	At    time.Time
	Entry *audit.Row
	Mail  *job.Mail
	Task  *task.Task
}

// Mark is a place in the events of a user: those with ids less than these come after
// it. The zero Mark is before the newest one.
type Mark struct{ Entry, Mail, Task int64 }

// end is an id below all others, which ends a source.
const end = 1

// Ended reports whether no events follow the mark.
func (m Mark) Ended() bool { return m == Mark{end, end, end} }

// reading is a request for up to limit rows of each kind about a user after a mark,
// which it moves.
type reading struct {
	actor access.Actor
	id    int64
	mark  Mark
	limit int
	kind  string // of tasks, "" for all
}

// source is the events of one kind, newest first.
type source struct {
	events []Event
	ids    []int64
	below  *int64 // of the mark
	whole  bool   // no events follow these
}

// Events returns up to limit events of a user after a mark, newest first, and the
// mark after them. It reads at most limit rows of each kind, by an index.
func (s *Records) Events(ctx context.Context, actor access.Actor, id int64, after Mark, limit int) ([]Event, Mark, error) {
	return s.read(ctx, &reading{actor: actor, id: id, mark: after, limit: limit}, s.entries, s.mailTo, s.tasksAbout)
}

// Mail returns up to limit mails to a user after a mark, newest first, and the mark
// after them: messages of mailings, and tasks that send one message.
func (s *Records) Mail(ctx context.Context, actor access.Actor, id int64, after Mark, limit int) ([]Event, Mark, error) {
	after.Entry = end
	return s.read(ctx, &reading{actor: actor, id: id, mark: after, limit: limit, kind: job.WelcomeKind}, s.mailTo, s.tasksAbout)
}

// load reads the events of one kind.
type load func(ctx context.Context, r *reading) (*source, error)

// read merges the events of several kinds.
func (s *Records) read(ctx context.Context, r *reading, loads ...load) ([]Event, Mark, error) {
	var sources []*source
	for _, load := range loads {
		src, err := load(ctx, r)
		if err != nil {
			return nil, Mark{}, err
		}
		sources = append(sources, src)
	}
	return merge(sources, r.limit), r.mark, nil
}

// entries returns the audit entries about a user.
func (s *Records) entries(ctx context.Context, r *reading) (*source, error) {
	src := &source{below: &r.mark.Entry, whole: true}
	if r.mark.Entry == end {
		return src, nil
	}
	rows, err := s.trail.Part(ctx, r.actor, access.ViewUser, user.User{ID: r.id}.Object(), audit.Part{Below: r.mark.Entry, Limit: r.limit})
	for i := range rows {
		src.add(rows[i].ID, Event{At: rows[i].At, Entry: &rows[i]})
	}
	src.whole = len(rows) < r.limit
	return src, err
}

// mailTo returns the messages of mailings to a user; none for an actor who may not
// view tasks.
func (s *Records) mailTo(ctx context.Context, r *reading) (*source, error) {
	src := &source{below: &r.mark.Mail, whole: true}
	if r.mark.Mail == end || !r.actor.Can(access.Schedules.View()) {
		return src, nil
	}
	found, err := s.mails.Of(ctx, r.actor, r.id, r.mark.Mail, r.limit)
	for i := range found {
		src.add(found[i].ID, Event{At: found[i].At, Mail: &found[i]})
	}
	src.whole = len(found) < r.limit
	return src, err
}

// tasksAbout returns the tasks about a user; none for an actor who may not view
// tasks.
func (s *Records) tasksAbout(ctx context.Context, r *reading) (*source, error) {
	src := &source{below: &r.mark.Task, whole: true}
	if r.mark.Task == end || !r.actor.Can(access.Schedules.View()) {
		return src, nil
	}
	found, err := s.tasks.List(ctx, r.actor, task.Filter{User: r.id, Kind: r.kind, Through: max(r.mark.Task-1, 0)}, 0, r.limit)
	for i := range found {
		src.add(found[i].ID, Event{At: timeOf(&found[i]), Task: &found[i]})
	}
	src.whole = len(found) < r.limit
	return src, err
}

// timeOf returns when a task ended, or was created.
func timeOf(t *task.Task) time.Time {
	if t.Finished.IsZero() {
		return t.At
	}
	return t.Finished
}

func (s *source) add(id int64, e Event) { s.ids, s.events = append(s.ids, id), append(s.events, e) }

// merge returns up to limit of the newest events, and moves the marks behind them.
func merge(sources []*source, limit int) (merged []Event) {
	for len(merged) < limit {
		var newest *source
		for _, s := range sources {
			if len(s.events) > 0 && (newest == nil || s.events[0].At.After(newest.events[0].At)) {
				newest = s
			}
		}
		if newest == nil {
			break
		}
		merged = append(merged, newest.events[0])
		*newest.below = max(newest.ids[0], end)
		newest.events, newest.ids = newest.events[1:], newest.ids[1:]
	}
	for _, s := range sources {
		if len(s.events) == 0 && s.whole {
			*s.below = end
		}
	}
	return merged
}
