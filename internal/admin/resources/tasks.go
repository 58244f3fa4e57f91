package resources

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/job"
	"roster/internal/task"
)

// backgroundWork is the application of tasks, schedules and reports.
const backgroundWork = "Background work"

// Tasks returns the resource of background tasks. Adding a task runs it.
func Tasks(mail MailSources) site.Resource {
	tasks := mail.Tasks
	states := []site.Choice{}
	for _, s := range task.States() {
		states = append(states, site.Choice{Value: string(s), Label: string(s)})
	}
	kind := site.Field{Name: "kind", Label: "Kind", Widget: site.Select, Required: true, OnAdd: true, Choices: startable(tasks.Kinds())}
	queue := site.Field{Name: "queue", Label: "Queue", Widget: site.Line, OnAdd: true, Help: "Leave empty for the default queue of the kind."}
	arguments := site.Field{Name: "arguments", Label: "Arguments", Widget: site.Lines, OnAdd: true, Initial: "{}", Help: "A JSON object."}
	return site.Resource{
		Model: access.Model{App: "tasks", Name: "task"}, Guarded: access.Schedules, App: backgroundWork,
		One: "task", Many: "tasks", Object: "task", Icon: "tasks", Verb: "run", Verbed: "started",
		Source: tasksSource{tasks, mail}, Ordering: "-at", Dates: "at", Search: "Search by kind, id, queue, actor, worker, arguments or error",
		Columns: []site.Column{
			{Name: "name", Label: "Task"}, {Name: "state", Label: "State"}, {Name: "queue", Label: "Queue"},
			{Name: "progress", Label: "Progress"}, {Name: "attempts", Label: "Errors"}, {Name: "worker", Label: "Worker"},
			{Name: "at", Label: "Created"}, {Name: "took", Label: "Duration"},
			{Name: "started", Label: "Began", Optional: true}, {Name: "finished", Label: "Ended", Optional: true},
			{Name: "crashes", Label: "Crashes", Optional: true}, {Name: "actor", Label: "By", Optional: true},
			{Name: "reason", Label: "Last error", Optional: true}, {Name: "waits", Label: "Waits", Optional: true}, {Name: "id", Label: "Id", Optional: true},
		},
		Filters: []site.Filter{{Name: "state", Label: "State", Choices: states}, {Name: "kind", Label: "Kind"}, {Name: "queue", Label: "Queue"}},
		Origin:  site.Origin{Text: "Schedules and some changes to users start tasks. You can also run one."},
		Actions: taskActions(tasks), Buttons: taskButtons(tasks),
		Fieldsets: []site.Fieldset{
			{Title: "What to run", Help: "Use an example or fill in the form.", Fields: []site.Field{kind, queue, arguments}, Presets: presets(tasks.Kinds())},
			{Title: "State", Fields: append(
				[]site.Field{{Name: "state", Label: "State", ReadOnly: true}, {Name: "recipients", Label: "Recipients", ReadOnly: true, Announced: true, HideEmpty: true}},
				readables([][2]string{{"waits", "Waits"}, {"progress", "Progress"}, {"error", "Last error"}, {"result", "Result"}})...,
			)},
			{Title: "Stack", Folded: true, Fields: []site.Field{{Name: "stack", Label: "Stack", ReadOnly: true, HideEmpty: true}}},
			{Title: "Request", Fields: readables([][2]string{
				{"args", "Arguments"}, {"version", "Their version"}, {"actor", "By"}, {"queue", "Queue"}, {"priority", "Priority"},
			})},
			{Title: "Runs", Folded: true, Fields: readables([][2]string{
				{"runs", "Runs"}, {"attempts", "Failed"}, {"crashes", "Crashed"}, {"worker", "Worker"},
			})},
			{Title: "Times", Folded: true, Fields: readables([][2]string{
				{"at", "Created"}, {"run_at", "Not before"}, {"deadline", "Start deadline"}, {"waited", "Waited"},
				{"started", "Started"}, {"finished", "Finished"}, {"took", "Duration"}, {"id", "Id"},
			})},
		},
	}
}

// startable returns the kinds of tasks that the actor may start.
func startable(kinds *task.Registry) func(context.Context, access.Actor) ([]site.Choice, error) {
	return func(ctx context.Context, actor access.Actor) ([]site.Choice, error) {
		names := slices.DeleteFunc(kinds.Names(), func(kind string) bool { return kinds.CheckKind(actor, kind) != nil })
		return fixed(names)(ctx, actor)
	}
}

// fixed returns constant choices.
func fixed(values []string) func(context.Context, access.Actor) ([]site.Choice, error) {
	choices := make([]site.Choice, len(values))
	for i, value := range values {
		choices[i] = site.Choice{Value: value, Label: value}
	}
	return func(context.Context, access.Actor) ([]site.Choice, error) { return choices, nil }
}

// presets returns the examples of the kinds.
func presets(kinds *task.Registry) (presets []site.Preset) {
	for _, k := range kinds.All() {
		args := cmp.Or(string(pretty(json.RawMessage(k.Example))), "{}")
		presets = append(presets, site.Preset{Label: k.Name, Help: k.Summary, Values: map[string]string{"kind": k.Name, "arguments": args}})
	}
	return presets
}

func taskActions(tasks *task.Tasks) []site.Action {
	batches := func(do func(context.Context, access.Actor, task.Batch) (task.BatchResult, error)) func(context.Context, access.Actor, site.Batch) (site.Step, error) {
		return func(ctx context.Context, actor access.Actor, b site.Batch) (site.Step, error) {
			f := taskFilter(b.Query)
			f.After, f.Through = b.After, b.Through
			r, err := do(ctx, actor, task.Batch{IDs: b.IDs, Filter: f})
			return site.Step{Changed: r.Changed, Skipped: r.Skipped, Last: r.Last}, err
		}
	}
	return []site.Action{
		{
			Name: "retry_selected", Label: "Run selected tasks again", Question: "Run these tasks again?", Done: "queued again",
			Warning: "will run again if they are dead, canceled or parked. Others are not changed.",
			Needs:   access.Schedules.Change(), Run: batches(tasks.RetryBatch),
		},
		{
			Name: "cancel_selected", Label: "Cancel selected tasks", Question: "Cancel these tasks?", Done: "canceled",
			Warning: "will be canceled if they are pending or running. Finished tasks are not changed.",
			Danger:  true, Needs: access.Schedules.Change(), Run: batches(tasks.CancelBatch),
		},
	}
}

func taskButtons(tasks *task.Tasks) []site.Button {
	stuck := func(r site.Record) bool {
		return !r.Moves && r.Values["over"] != string(task.Done) && r.Values["over"] != string(task.Paused)
	}
	press := pressTask
	return []site.Button{
		{
			Name: "retry", Label: "Run again", Needs: access.Schedules.Change(), Run: press(tasks.Retry, "The task was queued again."),
			Fits: func(r site.Record) bool {
				waits, _ := r.Values["waits"].(string)
				return stuck(r) || strings.HasPrefix(waits, "until ") && r.Values["runs"] != 0
			},
		},
		{
			Name: "resend", Label: "Send to those not reached", Needs: access.Schedules.Change(), Run: press(tasks.Resend, "The mailing was queued for those not reached."),
			Fits: func(r site.Record) bool {
				k, err := tasks.Kinds().Find(fmt.Sprint(r.Values["kind"]))
				return err == nil && k.Mailing && r.Values["final"] == true
			},
		},
		{
			Name: "cancel", Label: "Cancel", Danger: true, Needs: access.Schedules.Change(), Run: press(tasks.Cancel, "Cancellation was requested."),
			Fits: func(r site.Record) bool { return r.Values["final"] == false },
		},
	}
}

// tasksSource is the site.Adder of tasks.
type tasksSource struct {
	tasks *task.Tasks
	mail  MailSources
}

func taskFilter(asked site.Query) task.Filter {
	return task.Filter{
		State: task.State(asked.Choices["state"]), Kind: asked.Choices["kind"], Queue: asked.Choices["queue"],
		From: asked.From, Before: asked.Before, Words: strings.Fields(form.Lower(asked.Search)),
	}
}

// List returns tasks, always the newest first.
func (s tasksSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	return s.page(ctx, actor, asked, func(t *task.Task) (site.Record, error) { return taskRecord(t), nil })
}

// page returns a page of tasks as records.
func (s tasksSource) page(ctx context.Context, actor access.Actor, asked site.Query, record func(*task.Task) (site.Record, error)) (page site.Page, err error) {
	f := taskFilter(asked)
	if len(f.Words) > 0 {
		return s.search(ctx, actor, asked, record)
	}
	found, err := s.tasks.List(ctx, actor, f, asked.Offset, asked.Limit)
	if err != nil {
		return page, err
	}
	if page.Records, err = recordsOf(found, record); err != nil {
		return page, err
	}
	if page.First, page.Last, err = s.tasks.Span(ctx, actor); err != nil {
		return page, err
	}
	counts, err := s.tasks.CountBy(ctx, actor, f, task.ByState, maxCounted)
	page.Total = site.Count{N: counts.Total, More: counts.More}
	page.Facets = map[string]map[string]site.Count{}
	for _, field := range []task.Field{task.ByState, task.ByKind, task.ByQueue} {
		if err == nil {
			page.Facets[string(field)], err = s.facet(ctx, actor, f, field)
		}
	}
	return page, err
}

// search returns the newest tasks that match.
func (s tasksSource) search(ctx context.Context, actor access.Actor, asked site.Query, record func(*task.Task) (site.Record, error)) (page site.Page, err error) {
	found, err := s.tasks.Search(ctx, actor, taskFilter(asked), asked.Offset, asked.Limit)
	if err != nil {
		return page, err
	}
	if page.Records, err = recordsOf(found.Tasks, record); err != nil {
		return page, err
	}
	more := !found.Since.IsZero()
	page.Total, page.Since = site.Count{N: found.Total, More: more}, found.Since
	page.Facets = map[string]map[string]site.Count{}
	for field, counts := range found.Counts {
		total := int64(0)
		for _, n := range counts {
			total += n
		}
		page.Facets[string(field)] = countsOf(field, task.Counts{Count: counts, Total: total, More: more})
	}
	page.First, page.Last, err = s.tasks.Span(ctx, actor)
	return page, err
}

// Some implements site.Searcher.
func (s tasksSource) Some(ctx context.Context, actor access.Actor, text string, limit int) (records []site.Record, err error) {
	found, err := s.tasks.SearchNewest(ctx, actor, taskFilter(site.Query{Search: text}), limit)
	for i := range found {
		records = append(records, taskRecord(&found[i]))
	}
	return records, err
}

// recordsOf returns tasks as records.
func recordsOf(tasks []task.Task, record func(*task.Task) (site.Record, error)) (records []site.Record, err error) {
	for i := range tasks {
		r, err := record(&tasks[i])
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// ofOneRun is the prefix of the queues that roster task run creates for single
// tasks. They are not offered as choices.
const ofOneRun = "cli:"

// facet counts tasks by a field, under the other filters.
func (s tasksSource) facet(ctx context.Context, actor access.Actor, f task.Filter, field task.Field) (map[string]site.Count, error) {
	switch field {
	case task.ByState:
		f.State = ""
	case task.ByKind:
		f.Kind = ""
	case task.ByQueue:
		f.Queue = ""
	}
	found, err := s.tasks.CountBy(ctx, actor, f, field, maxCounted)
	return countsOf(field, found), err
}

// countsOf returns the counts of the choices of a filter.
func countsOf(field task.Field, found task.Counts) map[string]site.Count {
	counts := map[string]site.Count{"": {N: found.Total, More: found.More}}
	if field == task.ByState {
		for _, state := range task.States() {
			counts[string(state)] = site.Count{More: found.More}
		}
	}
	for value, n := range found.Count {
		if field == task.ByQueue && strings.HasPrefix(value, ofOneRun) {
			continue
		}
		counts[value] = site.Count{N: n, More: found.More}
	}
	return counts
}

// Find returns one task.
func (s tasksSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	t, err := s.tasks.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	r := taskRecord(&t)
	counts, err := s.mail.Mailings.Counts(ctx, actor, &t)
	if err == nil && len(counts) > 0 {
		r.Values["recipients"] = shown.Link{Text: progressText(&t, counts, s.mail.Now()), URL: deliveriesTo(id)}
	}
	if t.Kind == job.MailingKind {
		r.Values["recipients"] = shown.Link{Text: progressText(&t, counts, s.mail.Now()), URL: fmt.Sprintf("%s%d/change/", mailingsPath, id)}
	}
	return r, err
}

// Extent returns the number of selected tasks and the highest ID.
func (s tasksSource) Extent(ctx context.Context, actor access.Actor, asked site.Query) (count, through int64, err error) {
	return s.tasks.Extent(ctx, actor, taskFilter(asked))
}

// Walk iterates over the selected tasks, the newest first.
func (s tasksSource) Walk(ctx context.Context, actor access.Actor, asked site.Query, fn func(site.Record) error) error {
	const batch = 500
	f := taskFilter(asked)
	for {
		found, err := s.tasks.List(ctx, actor, f, 0, batch)
		if err != nil {
			return err
		}
		for i := range found {
			if err := fn(taskRecord(&found[i])); err != nil {
				return err
			}
		}
		if len(found) < batch || found[batch-1].ID == 1 {
			return nil
		}
		f.Through = found[batch-1].ID - 1
	}
}

// Create starts a task.
func (s tasksSource) Create(ctx context.Context, actor access.Actor, values map[string]string) (site.Record, error) {
	text := strings.TrimSpace(values["arguments"])
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(cmp.Or(text, "{}")), &object); err != nil || object == nil {
		return site.Record{}, faultOf("arguments", "The arguments are not a JSON object"+place(text, err)+".")
	}
	id, err := s.tasks.Start(ctx, actor, values["kind"], json.RawMessage(text), strings.TrimSpace(values["queue"]))
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.Invalid {
		return site.Record{}, ofForm(f)
	}
	if err != nil {
		return site.Record{}, err
	}
	return site.Record{ID: id, Name: nameOf(values["kind"], id)}, nil
}

// ofForm assigns faults of a new task to the fields of the form.
func ofForm(f *fault.Error) error {
	if len(f.Fields) == 0 {
		return faultOf("arguments", f.Message)
	}
	var wrong fault.Fields
	for _, field := range f.Fields {
		if field.Name == "kind" || field.Name == "queue" {
			wrong.Add(field.Name, field.Messages...)
		} else {
			wrong.Add("arguments", field.Messages...)
		}
	}
	return wrong.Err()
}

// faultOf returns an error with a fault of one field.
func faultOf(field, message string) error {
	var wrong fault.Fields
	wrong.Add(field, message)
	return wrong.Err()
}

// place describes where a text stops being valid JSON.
func place(text string, err error) string {
	at, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return ""
	}
	line := 1 + strings.Count(text[:min(int(at.Offset), len(text))], "\n")
	return fmt.Sprintf(": line %d: %v", line, at)
}

// tones has the tones of states.
var tones = map[task.State]shown.Tone{task.Done: shown.Good, task.Dead: shown.Bad, task.Canceled: shown.Warn, task.Paused: shown.Warn, task.Parked: shown.Warn}

func taskRecord(t *task.Task) site.Record {
	state := stateBadge(t)
	reason, _, _ := strings.Cut(t.Error, "\n")
	values := map[string]any{
		"name": taskName(t), "kind": t.Kind, "state": state, "over": string(t.State), "final": t.State.IsFinal(), "pausing": t.PauseAsked && t.State == task.Running, "queue": t.Queue,
		"priority": t.Priority, "version": t.Version, "actor": t.Actor,
		"progress": shown.Progress{Done: t.Done, Total: t.Total, Over: t.State.IsFinal()},
		"args":     shown.Code(pretty(t.Args)), "result": shown.Code(pretty(t.Result)), "error": shown.Code(t.Error), "stack": shown.Code(t.Stack),
		"reason": reason, "waits": t.Waits, "runs": t.Runs, "attempts": t.Attempts, "crashes": t.Crashes, "worker": t.Worker,
		"at": t.At, "run_at": t.RunAt, "deadline": orNone(t.Deadline), "started": orNone(t.Started), "finished": orNone(t.Finished),
		"took": span(t.Started, t.Finished), "waited": span(t.RunAt, t.Started), "id": t.ID,
	}
	return site.Record{ID: t.ID, Name: taskName(t), Values: values, Moves: !t.State.IsFinal() && t.State != task.Parked && t.State != task.Paused}
}

// stateBadge names the state of a task.
func stateBadge(t *task.Task) shown.Badge {
	switch {
	case t.State == task.Running && t.CancelAsked:
		return shown.Badge{Text: "running, cancellation requested", Tone: shown.Warn}
	case t.State == task.Running && t.PauseAsked:
		return shown.Badge{Text: "running, pause requested", Tone: shown.Warn}
	}
	return shown.Badge{Text: string(t.State), Tone: tones[t.State]}
}

func taskName(t *task.Task) string { return nameOf(t.Kind, t.ID) }

// nameOf returns the display name of a task.
func nameOf(kind string, id int64) string { return fmt.Sprintf("%s %d", kind, id) }

// orNone returns a time, nil if it is zero.
func orNone(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// span formats a duration, nil while it is unknown.
func span(from, to time.Time) any {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return nil
	}
	return lasting(to.Sub(from))
}

// lasting formats a duration with two or three digits: "12 ms", "3.4 s",
// "2 min 5 s".
func lasting(d time.Duration) string {
	switch {
	case d > 0 && d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second && d%time.Second != 0:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Truncate(time.Second).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// pretty indents JSON and returns other text unchanged.
func pretty(text json.RawMessage) []byte {
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		return text
	}
	return out.Bytes()
}
