package subject

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/job"
	"roster/internal/task"
	"roster/internal/user"
)

// step is the number of rows that Export reads at a time.
const step = 200

// Export writes everything that is kept about a user and that the actor may see, as
// one JSON object: user, gets_mailings, audit, and with the permission to view tasks
// mail and tasks, each newest first. It reads step rows at a time. The error is
// NotFound, before anything is written, if the user does not exist.
func (s *Records) Export(ctx context.Context, actor access.Actor, id int64, w io.Writer) error {
	u, err := s.users.Find(ctx, actor, id)
	if err != nil {
		return err
	}
	gets, err := s.subscriptions.Gets(ctx, actor, id)
	if err != nil {
		return err
	}
	out := &object{w: w}
	out.field("user", rowOf(&u))
	out.field("gets_mailings", gets)
	lists := map[string]load{"audit": s.entries}
	if actor.Can(access.Schedules.View()) {
		lists["mail"], lists["tasks"] = s.mailTo, s.tasksAbout
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		r := &reading{actor: actor, id: id, limit: step}
		out.list(name, func() ([]Event, bool, error) {
			part, err := lists[name](ctx, r)
			if err != nil {
				return nil, true, err
			}
			last := part.whole
			return merge([]*source{part}, step), last, nil
		})
	}
	return out.end()
}

// rowOf returns the fields of a user by name.
func rowOf(u *user.User) map[string]any {
	row := map[string]any{}
	for _, c := range user.Table() {
		row[c.Name] = c.Get(u)
		if u.Unreadable.Has(c.Name) {
			row[c.Name] = nil
		}
	}
	return row
}

// momentOf returns a time, nil for the zero time.
func momentOf(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at
}

// object writes a JSON object, field by field, and keeps the first error.
type object struct {
	w     io.Writer
	begun bool
	err   error
}

// name writes the name of a field.
func (o *object) name(name string) {
	before := ",\n"
	if !o.begun {
		before, o.begun = "{\n", true
	}
	o.write(before + `"` + name + `": `)
}

func (o *object) field(name string, value any) {
	o.name(name)
	o.value(value)
}

// list writes events, part by part: next returns one, and whether it is the last.
func (o *object) list(name string, next func() ([]Event, bool, error)) {
	o.name(name)
	before := "[\n"
	for last := false; !last && o.err == nil; {
		var part []Event
		part, last, o.err = next()
		for _, e := range part {
			o.write(before)
			o.value(recordOf(e))
			before = ",\n"
		}
	}
	if before == "[\n" {
		o.write("[")
	}
	o.write("]")
}

func (o *object) end() error {
	o.write("\n}\n")
	return o.err
}

func (o *object) value(value any) {
	text, err := json.Marshal(value)
	if err != nil && o.err == nil {
		o.err = err
	}
	o.write(string(text))
}

func (o *object) write(text string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, text)
	}
}

// recordOf returns the exported form of an event.
func recordOf(e Event) map[string]any {
	switch {
	case e.Entry != nil:
		return ofEntry(e.Entry)
	case e.Mail != nil:
		return ofMail(e.Mail)
	}
	return ofTask(e.Task)
}

func ofEntry(r *audit.Row) map[string]any {
	return map[string]any{
		"id": r.ID, "at": momentOf(r.At), "actor": r.Actor, "action": r.Action, "name": r.Object.Name, "changes": r.Changes,
		"door": r.Origin.Door, "address": r.Origin.Address, "request_id": r.Origin.RequestID, "reason": r.Reason, "credential": r.Credential,
	}
}

func ofMail(m *job.Mail) map[string]any {
	return map[string]any{"id": m.ID, "task": m.TaskID, "subject": m.Subject, "state": m.State, "error": m.Error, "at": momentOf(m.At), "attempts": m.Attempts}
}

func ofTask(t *task.Task) map[string]any {
	return map[string]any{
		"id": t.ID, "kind": t.Kind, "args": t.Args, "actor": t.Actor, "state": t.State, "created_at": momentOf(t.At),
		"started_at": momentOf(t.Started), "finished_at": momentOf(t.Finished), "result": t.Result, "error": t.Error,
	}
}
