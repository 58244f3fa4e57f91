package periodic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// The limits of columns.
const (
	MaxName          = 200
	MaxTask          = 200
	MaxPriority      = 255
	MaxExpireSeconds = 1<<31 - 1
	MaxEvery         = 1<<31 - 1 // of an interval
	MaxArguments     = 1 << 20   // bytes of args, and of kwargs
)

// PreviewRuns is the number of run times in a preview.
const PreviewRuns = 5

// Blank returns the initial entry for Create: enabled, without arguments.
func Blank() schedule.Row {
	return schedule.Row{Entry: schedule.Entry{Enabled: true, Args: "[]", Kwargs: "{}"}}
}

// Preview describes what an entry will do.
type Preview struct {
	Describe string      // the schedule in words; "" if it is invalid
	Runs     []time.Time // next run times; empty if there are none
	Problem  string      // why it does not run, a sentence; "" if it does
}

// Next previews a stored entry.
func (s *Schedules) Next(r schedule.Row) Preview {
	var p Preview
	e, err := r.Read()
	if err != nil {
		p.Problem = strings.Join(sentences(err), " ")
		return p
	}
	p.Describe = e.Schedule.Describe()
	if _, err := s.kinds.Periodic(e, access.System("beat"), s.now()); err != nil {
		p.Problem = strings.Join(sentences(err), " ")
		return p
	}
	p.Runs, p.Problem = e.Upcoming(s.now(), PreviewRuns), e.Idle(s.now())
	return p
}

// Preview previews what edit makes of an entry, or of Blank if id is 0, without
// storing it. It returns the errors of Update or Create, except that a name is
// optional. Those who may add entries but not view them may preview new ones.
func (s *Schedules) Preview(ctx context.Context, actor access.Actor, id int64, edit Edit) (p Preview, err error) {
	if err := actor.Check(access.Schedules.View()); err != nil && (id != 0 || !actor.Can(access.Schedules.Add())) {
		return p, err
	}
	var before schedule.Row
	if id != 0 {
		if before, err = s.store.FindPeriodic(ctx, id); err != nil {
			return p, err
		}
	}
	d := s.draft(before, func(r *schedule.Row) fault.Fields {
		faults := edit(r)
		if r.Name == "" {
			r.Name = "draft"
		}
		return faults
	})
	if err := inFieldOrder(d.faults).Err(); err != nil {
		return p, err
	}
	if id != 0 && Version(d.after) == Version(before) {
		return s.Next(before), nil // nothing would be stored
	}
	return s.Next(d.after), nil
}

// draft is an entry to be stored, with its errors.
type draft struct {
	kinds         *task.Registry
	now           time.Time
	before, after schedule.Row
	faults        fault.Fields
}

// draft returns the result of edit; it starts from Blank if before has no id.
func (s *Schedules) draft(before schedule.Row, edit Edit) *draft {
	d := &draft{kinds: s.kinds, now: s.stamp(), before: before, after: clone(before)}
	if before.ID == 0 {
		d.after = Blank()
	}
	d.faults = edit(&d.after)
	d.after.ID, d.after.LastRunAt, d.after.TotalRunCount = before.ID, before.LastRunAt, before.TotalRunCount
	d.after.Missed, d.after.Schedule = before.Missed, nil
	d.after.Changed = d.now
	d.trim()
	d.after.Task = schedule.TaskName(d.after.Task)
	d.checkTexts()
	d.checkSchedule()
	d.checkTimes()
	d.checkTask()
	d.restart()
	return d
}

// restart forgets earlier runs if the run times changed, or the entry was or is
// disabled. A one-off entry then runs again, and so does one that becomes one-off.
func (d *draft) restart() {
	moved := d.retimed() || !d.before.Enabled || !d.after.Enabled
	if moved {
		d.after.LastRunAt = time.Time{}
	}
	if d.after.OneOff && d.after.Enabled && (moved || !d.before.OneOff) {
		d.after.TotalRunCount = 0
	}
}

// clone returns a deep copy of a row.
func clone(r schedule.Row) schedule.Row {
	r.Crontab, r.Interval, r.Solar, r.Priority = copied(r.Crontab), copied(r.Interval), copied(r.Solar), copied(r.Priority)
	return r
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	value := *p
	return &value
}

// retimed reports whether the run times changed.
func (d *draft) retimed() bool {
	return timing(&d.before) != timing(&d.after) || !d.before.StartTime.Equal(d.after.StartTime)
}

func (d *draft) trim() {
	for _, text := range []*string{&d.after.Name, &d.after.Task, &d.after.Queue, &d.after.Description} {
		*text = strings.TrimSpace(*text)
	}
	for text, empty := range map[*string]string{&d.after.Args: "[]", &d.after.Kwargs: "{}"} {
		if *text = strings.TrimSpace(*text); *text == "" {
			*text = empty
		}
	}
	for _, at := range []*time.Time{&d.after.StartTime, &d.after.Expires, &d.after.Clocked} {
		*at = at.UTC().Truncate(time.Microsecond)
	}
}

// refuse adds an error to a field that has none yet.
func (d *draft) refuse(name, format string, args ...any) {
	if !d.faults.Has(name) {
		d.faults.Add(name, fmt.Sprintf(format, args...))
	}
}

func (d *draft) checkTexts() {
	for i := range table {
		c := &table[i]
		text, ok := c.At(&d.after).(*string)
		if !ok {
			continue
		}
		if _, messages := c.ReadText(form.Value{Kind: form.String, Text: *text}); messages != nil {
			d.refuse(c.Name, "%s", messages[0])
		}
		if c.MaxLength == 0 && len(*text) > MaxArguments {
			d.refuse(c.Name, form.MessageTooLong, MaxArguments)
		}
	}
	if p := d.after.Priority; p != nil && (*p < 0 || *p > MaxPriority) {
		d.refuse("priority", "Ensure this value is from 0 to %d.", MaxPriority)
	}
}

// checkSchedule checks that there is exactly one schedule.
func (d *draft) checkSchedule() {
	r := d.after
	given := map[string]bool{"crontab": r.Crontab != nil, "interval": r.Interval != nil, "solar": r.Solar != nil, "clocked": !r.Clocked.IsZero()}
	var names []string
	for _, name := range []string{"crontab", "interval", "solar", "clocked"} {
		if given[name] {
			names = append(names, name)
		}
	}
	switch {
	case d.unreadable("crontab", "interval", "solar", "clocked"):
		return // an unreadable schedule may be the missing one
	case len(names) == 0:
		d.refuse("crontab", "A schedule is required: one of crontab, interval, solar and clocked.")
		return
	case len(names) > 1:
		for _, name := range names {
			d.refuse(name, "Only one of crontab, interval, solar and clocked can be set.")
		}
		return
	}
	if d.before.ID != 0 && !r.Enabled && !d.retimed() {
		return // any entry can be disabled
	}
	d.checkColumns(names[0])
	switch {
	case given["interval"] && r.Interval.Every > MaxEvery:
		d.refuse("interval.every", "Ensure this value is at most %d.", MaxEvery)
	case given["clocked"] && !r.OneOff:
		d.refuse("one_off", "A clocked task runs once: one_off must be true.")
	case given["clocked"] && r.Enabled && (d.retimed() || !d.before.Enabled) && !r.Clocked.After(d.now):
		d.refuse("clocked", "This time is in the past. To run the task now, start it manually.")
	}
}

// unreadable reports whether a field, or one of its subfields, has an error.
func (d *draft) unreadable(names ...string) bool {
	for _, f := range d.faults {
		for _, name := range names {
			if f.Name == name || strings.HasPrefix(f.Name, name+".") {
				return true
			}
		}
	}
	return false
}

// checkColumns validates the columns of the schedule, and makes them as they are
// stored.
func (d *draft) checkColumns(name string) {
	stored, err := d.after.Stored()
	e, ok := errors.AsType[*fault.Error](err)
	if err == nil {
		d.after = stored
	}
	if !ok {
		return
	}
	for _, f := range e.Fields {
		if name == "clocked" {
			d.refuse(name, "%s", f.Messages[0])
		} else {
			d.refuse(name+"."+f.Name, "%s", f.Messages[0])
		}
	}
}

// checkTimes validates start and end of the entry.
func (d *draft) checkTimes() {
	r := d.after
	for name, at := range map[string]time.Time{"start_time": r.StartTime, "expires": r.Expires} {
		if year := at.Year(); year < 1 || year > 9999 {
			d.refuse(name, "Ensure this is a time in the years 1 to 9999.")
		}
	}
	switch {
	case r.ExpireSeconds < 0 || r.ExpireSeconds > MaxExpireSeconds:
		d.refuse("expire_seconds", "Ensure this value is from 0 to %d.", MaxExpireSeconds)
	case r.ExpireSeconds > 0 && !r.Expires.IsZero():
		d.refuse("expire_seconds", "Only one of expires and expire_seconds can be set.")
	}
	if !r.Expires.IsZero() && !r.StartTime.IsZero() && !r.Expires.After(r.StartTime) {
		d.refuse("expires", "The end must be after the start: expires must be later than start_time.")
	}
}

// checkTask validates the task and its arguments. Tasks of other programs,
// which stay in the schedule and do not run here, can be edited but not added.
func (d *draft) checkTask() {
	r := d.after
	if !json.Valid([]byte(r.Args)) {
		d.refuse("args", "Enter a JSON array, such as [].")
	}
	if !json.Valid([]byte(r.Kwargs)) {
		d.refuse("kwargs", "Enter a JSON object, such as {}.")
	}
	if d.unreadable("task", "args", "kwargs") {
		return
	}
	same := d.before.ID != 0 && r.Task == schedule.TaskName(d.before.Task)
	if same && r.Args == d.before.Args && r.Kwargs == d.before.Kwargs {
		return // an existing task may be disabled or renamed
	}
	k, target, err := d.kinds.Target(r.Task)
	if err != nil && !same {
		d.refuse("task", "%s", strings.Join(sentences(err), " "))
		return
	}
	if d.refuseFields(schedule.CheckArguments(r.Args, r.Kwargs)) || err != nil {
		return
	}
	args, err := target.Arguments(r.Args, r.Kwargs)
	if d.refuseFields(err) {
		return
	}
	if _, err := k.New(d.now, "", args); err != nil {
		d.refuse("kwargs", "%s", strings.Join(sentences(err), " "))
	}
}

// refuseFields adds the errors of fields of an error, and reports whether there
// were any.
func (d *draft) refuseFields(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return false
	}
	for _, f := range e.Fields {
		d.refuse(f.Name, "%s", strings.Join(f.Messages, " "))
	}
	return true
}

// sentences returns the messages of an error of package fault.
func sentences(err error) (all []string) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return []string{"It cannot be read."}
	}
	if e.Message != "" {
		all = append(all, e.Message)
	}
	for _, f := range e.Fields {
		all = append(all, f.Messages...)
	}
	return all
}
