package resources

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
	"roster/internal/zone"
)

// The kinds of schedules in the form.
const (
	byCrontab  = "crontab"
	byInterval = "interval"
	byClocked  = "clocked"
	bySolar    = "solar"
)

// choices returns the choices of filters and of the kind of schedule.
var choices = map[string][]site.Choice{
	"enabled": {{Value: "1", Label: "Yes"}, {Value: "0", Label: "No"}},
	"type": {
		{Value: byCrontab, Label: byCrontab}, {Value: byInterval, Label: byInterval},
		{Value: byClocked, Label: byClocked}, {Value: bySolar, Label: bySolar},
	},
}

// Schedules returns the resource of periodic tasks of django-celery-beat. now
// returns the time in the zone of the forms.
func Schedules(schedules *periodic.Schedules, now func() time.Time) site.Resource {
	s := schedulesSource{schedules, now, now().Location()}
	kinds, yesNo := choices["type"], choices["enabled"]
	return site.Resource{
		Model: access.Schedules, App: "Periodic tasks", One: "schedule", Many: "schedules", Object: "schedule", Icon: "schedules",
		Source: s, Search: "Search by name, task or description", Preview: s.preview,
		Columns: []site.Column{
			{Name: "name", Label: "Name"}, {Name: "task", Label: "Task"}, {Name: "schedule", Label: "Runs"}, {Name: "enabled", Label: "Enabled"},
			{Name: "next", Label: "Next run"}, {Name: "last_run_at", Label: "Last run"}, {Name: "total_run_count", Label: "Times run", Optional: true},
			{Name: "description", Label: "Description", Optional: true}, {Name: "id", Label: "Id", Optional: true},
		},
		Filters: []site.Filter{
			{Name: "enabled", Label: "Enabled", Choices: yesNo}, {Name: "type", Label: "Kind of schedule", Choices: kinds}, {Name: "task", Label: "Task"},
		},
		Actions: scheduleActions(s), Fieldsets: scheduleForm(s),
		Buttons: []site.Button{{Name: "run", Label: "Run now", Needs: access.Schedules.Change(), Run: s.runNow}},
		Origin:  site.Origin{Text: "A schedule starts a task at regular times."},
		Remains: "Tasks that it started remain. The audit trail keeps the deleted values.",
	}
}

func scheduleForm(s schedulesSource) []site.Fieldset {
	line := func(name, label, help string) site.Field {
		return site.Field{Name: name, Label: label, Help: help, Widget: site.Line}
	}
	box := func(name, label, help string) site.Field {
		return site.Field{Name: name, Label: label, Help: help, Widget: site.Box}
	}
	beginning := func(f site.Field, initial string) site.Field { f.Initial = initial; return f }
	required := func(f site.Field) site.Field { f.Required = true; return f }
	choosing := func(name, label string, values []string) site.Field {
		return site.Field{Name: name, Label: label, Widget: site.Select, Choices: fixed(values), Initial: values[0]}
	}
	lines := func(name, label, initial, help string) site.Field {
		return site.Field{Name: name, Label: label, Initial: initial, Help: help, Widget: site.Lines}
	}
	part := func(kind, title string, fields ...site.Field) site.Fieldset {
		at := slices.IndexFunc(kindChoices, func(c site.Choice) bool { return c.Value == kind })
		return site.Fieldset{Title: title, Help: "Applies if it runs “" + kindChoices[at].Label + "”.", When: site.When{Field: "type", Value: kind}, Fields: fields}
	}
	moment := "A time as 2027-01-31 14:30, in the zone " + s.zone.String() + "."
	return []site.Fieldset{
		{Title: "What", Fields: []site.Field{
			required(line("name", "Name", "")), {Name: "task", Label: "Task", Widget: site.Select, Required: true, Choices: s.tasks, Initial: s.schedules.Kinds().Names()[0]},
			beginning(box("enabled", "Enabled", "Clear this to stop the schedule without deleting it."), "true"), {Name: "description", Label: "Description", Widget: site.Area},
		}},
		{Title: "When", Fields: whenFields(s.zone.String())},
		part(byCrontab, "Crontab",
			beginning(line("crontab.minute", "Minute", `Such as 0, */15 or 0,30.`), "0"), beginning(line("crontab.hour", "Hour", "Such as 3, 8-17 or *."), "*"),
			beginning(line("crontab.day_of_week", "Day of week", "Such as mon-fri, or 0 to 6 from Sunday on."), "*"), beginning(line("crontab.day_of_month", "Day of month", "Such as 1, 15 or 1-7. Days of the week must match as well."), "*"),
			beginning(line("crontab.month_of_year", "Month", "Such as 1, 4-9 or */3."), "*")),
		part(byInterval, "Interval", beginning(line("interval.every", "Every", ""), "15"), beginning(choosing("interval.period", "Period", schedule.Periods()), "minutes")),
		part(byClocked, "Clocked", line("clocked", "Time", moment+" It runs once.")),
		part(bySolar, "Solar", choosing("solar.event", "Event", schedule.Events()), line("solar.latitude", "Latitude", "Degrees north, such as 52.52."), line("solar.longitude", "Longitude", "Degrees east, such as 13.4.")),
		{Title: "Arguments", Fields: []site.Field{
			lines("kwargs", "By name", "{}", `A JSON object, such as {"days": 365}.`), lines("args", "By place", "[]", "A JSON array, for Celery tasks."),
		}},
		{Title: "Limits", Folded: true, Fields: []site.Field{
			box("one_off", "One-off", "It runs once and is then disabled."), line("start_time", "Not before", moment), line("expires", "Expires", moment),
			line("expire_seconds", "Expires after", "Seconds after which a run that has not started is dropped."), line("queue", "Queue", ""), line("priority", "Priority", "0 to 255; lower runs first."),
		}},
		{Title: "So far", Folded: true, Fields: readables([][2]string{{"last_run_at", "Last run"}, {"total_run_count", "Times run"}, {"changed", "Last changed"}, {"id", "Id"}})},
	}
}

func scheduleActions(s schedulesSource) []site.Action {
	setEnabled := func(enabled bool) func(context.Context, access.Actor, int64) (bool, error) {
		return func(ctx context.Context, actor access.Actor, id int64) (bool, error) {
			before, err := s.schedules.Find(ctx, actor, id)
			if err != nil || before.Enabled == enabled {
				return false, err
			}
			_, err = s.schedules.SetEnabled(ctx, actor, id, enabled)
			return err == nil, err
		}
	}
	run := func(ctx context.Context, actor access.Actor, id int64) (bool, error) {
		_, err := s.schedules.Run(ctx, actor, id)
		if fault.KindOf(err) == fault.Invalid {
			return false, nil // a schedule of another program
		}
		return err == nil, err
	}
	change := access.Schedules.Change()
	return []site.Action{
		{Name: "enable_tasks", Label: "Enable selected schedules", Question: "Enable these schedules?", Done: "enabled", Needs: change, Run: s.each(setEnabled(true))},
		{Name: "disable_tasks", Label: "Disable selected schedules", Question: "Disable these schedules?", Done: "disabled", Needs: change, Run: s.each(setEnabled(false))},
		{Name: "run_tasks", Label: "Run selected schedules now", Question: "Run these schedules now?", Done: "started", Needs: change, Run: s.each(run),
			Warning: "will each start a task now. Schedules of other programs are skipped."},
	}
}

// schedulesSource is the site.Editor of schedules. There are few, so it filters in
// memory.
type schedulesSource struct {
	schedules *periodic.Schedules
	now       func() time.Time
	zone      *time.Location
}

// each returns an action that processes schedules one by one.
func (s schedulesSource) each(do func(context.Context, access.Actor, int64) (bool, error)) func(context.Context, access.Actor, site.Batch) (site.Step, error) {
	return func(ctx context.Context, actor access.Actor, b site.Batch) (step site.Step, err error) {
		ids, err := s.meant(ctx, actor, b)
		if err != nil {
			return step, err
		}
		for _, id := range ids {
			changed, err := do(ctx, actor, id)
			switch {
			case err != nil && fault.KindOf(err) != fault.NotFound:
				return step, err
			case changed:
				step.Changed++
			default:
				step.Skipped++
			}
		}
		return step, nil
	}
}

// meant returns the IDs of a batch.
func (s schedulesSource) meant(ctx context.Context, actor access.Actor, b site.Batch) ([]int64, error) {
	ids := b.IDs
	if len(ids) > 0 {
		return ids, nil
	}
	found, err := s.find(ctx, actor, b.Query)
	for i := range found {
		if found[i].ID > b.After && found[i].ID <= b.Through {
			ids = append(ids, found[i].ID)
		}
	}
	return ids, err
}

// tasks returns the kinds of tasks that the actor may schedule, and the tasks of
// existing schedules.
func (s schedulesSource) tasks(ctx context.Context, actor access.Actor) (choices []site.Choice, err error) {
	for _, name := range s.schedules.Kinds().Names() {
		if s.schedules.Kinds().CheckKind(actor, name) != nil {
			continue
		}
		choices = append(choices, site.Choice{Value: name, Label: name})
	}
	var all []schedule.Row
	if actor.Can(access.Schedules.View()) {
		all, err = s.schedules.List(ctx, actor, periodic.Filter{}, 0, maxCounted)
	}
	for i := range all {
		name := kindOf(all[i].Task)
		if !slices.ContainsFunc(choices, func(c site.Choice) bool { return c.Value == name }) {
			choices = append(choices, site.Choice{Value: name, Label: name})
		}
	}
	return choices, err
}

// kindOf returns the kind of a task that schedules may store under its Celery
// name, or else the task.
func kindOf(task string) string {
	names := schedule.TaskNames(task)
	return names[len(names)-1]
}

// find returns the schedules that a query selects, by name.
func (s schedulesSource) find(ctx context.Context, actor access.Actor, q site.Query) ([]schedule.Row, error) {
	f := periodic.Filter{Words: strings.Fields(form.Lower(q.Search)), Enabled: choiceOf(q.Choices["enabled"]), Task: q.Choices["task"]}
	all, err := s.schedules.List(ctx, actor, f, 0, maxCounted)
	all = slices.DeleteFunc(all, func(sch schedule.Row) bool { return q.Choices["type"] != "" && q.Choices["type"] != typeOf(sch) })
	slices.SortStableFunc(all, func(a, b schedule.Row) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// List returns schedules by their names.
func (s schedulesSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	found, err := s.find(ctx, actor, asked)
	if err != nil {
		return page, err
	}
	page.Total = site.Count{N: int64(len(found))}
	if page.Facets, err = s.facets(ctx, actor, asked); err != nil {
		return page, err
	}
	found = found[min(asked.Offset, int64(len(found))):]
	for _, sch := range found[:min(asked.Limit, len(found))] {
		page.Records = append(page.Records, s.record(sch))
	}
	return page, nil
}

// Some implements site.Searcher.
func (s schedulesSource) Some(ctx context.Context, actor access.Actor, text string, limit int) (records []site.Record, err error) {
	found, err := s.find(ctx, actor, site.Query{Search: text})
	for _, sch := range found[:min(limit, len(found))] {
		records = append(records, s.record(sch))
	}
	return records, err
}

// facets counts the schedules by filter and choice.
func (s schedulesSource) facets(ctx context.Context, actor access.Actor, asked site.Query) (map[string]map[string]site.Count, error) {
	facets := map[string]map[string]site.Count{}
	for name, value := range map[string]func(schedule.Row) string{
		"enabled": func(sch schedule.Row) string { return map[bool]string{true: "1", false: "0"}[sch.Enabled] },
		"type":    typeOf,
		"task":    func(sch schedule.Row) string { return kindOf(sch.Task) },
	} {
		others := asked
		others.Choices = map[string]string{}
		for filter, choice := range asked.Choices {
			if filter != name {
				others.Choices[filter] = choice
			}
		}
		left, err := s.find(ctx, actor, others)
		if err != nil {
			return nil, err
		}
		counts := map[string]site.Count{"": {N: int64(len(left))}}
		for _, choice := range choices[name] {
			counts[choice.Value] = site.Count{}
		}
		for _, sch := range left {
			counts[value(sch)] = site.Count{N: counts[value(sch)].N + 1}
		}
		facets[name] = counts
	}
	return facets, nil
}

// Extent returns the number of selected schedules and the highest ID.
func (s schedulesSource) Extent(ctx context.Context, actor access.Actor, asked site.Query) (count, through int64, err error) {
	found, err := s.find(ctx, actor, asked)
	for i := range found {
		through = max(through, found[i].ID)
	}
	return int64(len(found)), through, err
}

// Find returns one schedule.
func (s schedulesSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	sch, err := s.schedules.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	return s.record(sch), nil
}

// Create adds a schedule.
func (s schedulesSource) Create(ctx context.Context, actor access.Actor, values map[string]string) (site.Record, error) {
	made, err := s.schedules.Create(ctx, actor, s.edit(values))
	return s.record(made), blamed(err)
}

// edit returns the changes of a form.
func (s schedulesSource) edit(values map[string]string) periodic.Edit {
	return func(sch *schedule.Row) fault.Fields {
		all := s.values(*sch)
		maps.Copy(all, values)
		return s.fill(sch, all)
	}
}

// blamed assigns faults about the kind of schedule to the field of the form.
func blamed(err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	var wrong fault.Fields
	for _, f := range e.Fields {
		switch f.Name {
		case byCrontab, byInterval, bySolar:
			wrong.Add("type", f.Messages...)
		default:
			wrong.Add(f.Name, f.Messages...)
		}
	}
	return wrong.Err()
}

// Update changes a schedule of that version.
func (s schedulesSource) Update(ctx context.Context, actor access.Actor, id int64, version string, values map[string]string) (site.Record, error) {
	after, err := s.schedules.Expecting(version).Update(ctx, actor, id, s.edit(values))
	return s.record(after), blamed(err)
}

// Delete deletes a schedule of that version.
func (s schedulesSource) Delete(ctx context.Context, actor access.Actor, id int64, version string) error {
	return s.schedules.Expecting(version).Delete(ctx, actor, id)
}

func (s schedulesSource) runNow(ctx context.Context, actor access.Actor, id int64) (site.Outcome, error) {
	taskID, err := s.schedules.Run(ctx, actor, id)
	made := shown.Link{Text: fmt.Sprintf("task %d", taskID), URL: fmt.Sprintf("%s%d/change/", tasksPath, taskID)}
	return site.Outcome{Text: "The schedule was started as", Made: made}, err
}

// preview describes when a schedule would run if it were enabled, in its own zone
// first.
func (s schedulesSource) preview(ctx context.Context, actor access.Actor, record *site.Record, values map[string]string) (site.Meaning, error) {
	m, id, enabled := site.Meaning{Title: "Next runs"}, int64(0), false
	if record != nil {
		id = record.ID
	}
	if values["name"] == "" {
		values = maps.Clone(values)
		values["name"] = "draft" // it need not be there yet
	}
	var row schedule.Row
	next, err := s.schedules.Preview(ctx, actor, id, func(r *schedule.Row) fault.Fields {
		wrong := s.edit(values)(r)
		enabled, r.Enabled = r.Enabled, true
		row = *r
		return wrong
	})
	if e, ok := errors.AsType[*fault.Error](err); ok && len(e.Fields) > 0 {
		m.Text, m.Bad = e.Fields[0].Messages[0], true
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Title += " (" + zoneOf(&row, s.zone).String() + ")"
	m.Text, m.Bad = strings.TrimSpace(sentence(next.Describe)+" "+next.Problem), next.Problem != ""
	if !enabled && !m.Bad {
		m.Text += " It is disabled; if it were enabled now, it would run at these times."
	}
	for _, at := range next.Runs {
		m.Items = append(m.Items, momentOf(&row, at, s.zone))
	}
	return m, nil
}

// zoneOf returns the zone of a schedule, or that of the site if it has none.
func zoneOf(sch *schedule.Row, in *time.Location) *time.Location {
	if sch.Crontab == nil {
		return in
	}
	if own, err := zone.Load(sch.Crontab.Timezone); err == nil {
		return own
	}
	return in
}

// momentOf shows a run of a schedule in its zone.
func momentOf(sch *schedule.Row, at time.Time, in *time.Location) shown.Moment {
	return shown.Moment{At: at, In: zoneOf(sch, in)}
}

// sentence returns a description of a schedule as a sentence, "" for "".
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func typeOf(sch schedule.Row) string {
	switch {
	case sch.Crontab != nil:
		return byCrontab
	case sch.Interval != nil:
		return byInterval
	case sch.Solar != nil:
		return bySolar
	}
	return byClocked
}

func (s schedulesSource) record(sch schedule.Row) site.Record {
	r := site.Record{ID: sch.ID, Name: sch.Name, Version: periodic.Version(sch), Values: map[string]any{}}
	for name, value := range s.values(sch) {
		r.Values[name] = value
	}
	next := s.schedules.Next(sch)
	r.Values["schedule"] = next.Describe
	if len(next.Runs) > 0 {
		r.Values["next"] = next.Runs[0]
	} else if sch.Enabled {
		r.Values["next"] = shown.Badge{Text: "does not run", Tone: shown.Warn}
	}
	r.Values["enabled"], r.Values["one_off"] = sch.Enabled, sch.OneOff
	r.Values["last_run_at"], r.Values["total_run_count"] = orNone(sch.LastRunAt), sch.TotalRunCount
	r.Values["changed"], r.Values["id"] = orNone(sch.Changed), sch.ID
	return r
}
