package work

import (
	"encoding/json"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// Start is a task that is to be started.
type Start struct {
	Kind  string
	Args  json.RawMessage // none: the kind's own
	Queue string
}

// ReadStart reads a task that is to be started. The error is Invalid, with the
// faults of fields.
func ReadStart(in form.Input) (s Start, err error) {
	r := reader{in: in}
	r.require("kind")
	r.text("kind", &s.Kind, false)
	r.text("queue", &s.Queue, true)
	args := ""
	r.json("args", &args)
	if args = strings.TrimSpace(args); args != "" {
		s.Args = json.RawMessage(args)
	}
	s.Kind, s.Queue = strings.TrimSpace(s.Kind), strings.TrimSpace(s.Queue)
	return s, r.faults.Err()
}

// EditSchedule returns the change of a schedule that an input asks for. With mode
// Partial what is left out stays as it is, otherwise it becomes as in a new
// schedule; the name and the task have to be there then.
func EditSchedule(in form.Input, mode form.Mode) periodic.Edit {
	return func(row *schedule.Row) fault.Fields {
		if mode != form.Partial {
			*row = periodic.Blank()
		}
		r := reader{in: in}
		if mode != form.Partial {
			r.require("name", "task")
		}
		r.plain(row)
		r.timing(row)
		return r.faults
	}
}

// CompleteForm adds the boxes to a whole form that were not ticked, and leaves out
// the columns of a group that were not filled in.
func CompleteForm(in form.Input) {
	for name, value := range in {
		if groupOf(name) != "" && isEmpty(value) {
			delete(in, name)
		}
	}
	for _, name := range []string{"enabled", "one_off"} {
		if _, given := in[name]; !given {
			in[name] = form.Value{Kind: form.Boolean}
		}
	}
}

// plain reads the fields that are not about when.
func (r *reader) plain(row *schedule.Row) {
	r.text("name", &row.Name, false)
	r.text("task", &row.Task, false)
	r.text("description", &row.Description, true)
	r.boolean("enabled", &row.Enabled)
	r.boolean("one_off", &row.OneOff)
	r.moment("start_time", &row.StartTime)
	r.moment("expires", &row.Expires)
	r.json("args", &row.Args)
	r.json("kwargs", &row.Kwargs)
	r.text("queue", &row.Queue, true)
	seconds := &row.ExpireSeconds
	r.integer("expire_seconds", &seconds)
	row.ExpireSeconds = valueOf(seconds)
	if r.given("priority") {
		r.priority(row)
	}
}

func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

func (r *reader) priority(row *schedule.Row) {
	var n *int64
	r.integer("priority", &n)
	row.Priority = nil
	if n != nil {
		// What is beyond the limits stays so.
		priority := int(min(max(*n, -1), periodic.MaxPriority+1))
		row.Priority = &priority
	}
}

// timing reads when it runs. What is given takes the place of what there was.
func (r *reader) timing(row *schedule.Row) {
	asked := map[string]bool{"clocked": r.given("clocked") && !isEmpty(r.in["clocked"])}
	some := asked["clocked"]
	for _, group := range groups {
		asked[group] = r.asks(group)
		some = some || asked[group]
	}
	r.drop("crontab", asked, some, func() { row.Crontab = nil })
	r.drop("interval", asked, some, func() { row.Interval = nil })
	r.drop("solar", asked, some, func() { row.Solar = nil })
	r.drop("clocked", asked, some, func() { row.Clocked = time.Time{} })
	if asked["crontab"] {
		r.crontab(row)
	}
	if asked["interval"] {
		r.interval(row)
	}
	if asked["solar"] {
		r.solar(row)
	}
	r.moment("clocked", &row.Clocked)
}

// asks reports whether a group is given, and not as none.
func (r *reader) asks(group string) bool {
	for name := range r.in {
		if groupOf(name) == group {
			return true
		}
	}
	v, ok := r.in[group]
	if !ok || isEmpty(v) {
		return false
	}
	if v.Kind != form.Object {
		r.faults.Add(group, messageObject)
	}
	return v.Kind == form.Object
}

// drop takes a schedule away that is null, or makes room for another.
func (r *reader) drop(name string, asked map[string]bool, some bool, forget func()) {
	if !asked[name] && (some || r.given(name)) {
		forget()
	}
}

// crontab reads a crontab; the columns of a new one are as Celery's: any minute.
func (r *reader) crontab(row *schedule.Row) {
	c := schedule.CrontabSpec{Minute: "*", Hour: "*", DayOfWeek: "*", DayOfMonth: "*", MonthOfYear: "*", Timezone: "UTC"}
	if row.Crontab != nil {
		c = *row.Crontab
	}
	for name, into := range map[string]*string{
		"minute": &c.Minute, "hour": &c.Hour, "day_of_week": &c.DayOfWeek, "day_of_month": &c.DayOfMonth,
		"month_of_year": &c.MonthOfYear, "timezone": &c.Timezone,
	} {
		r.text("crontab."+name, into, false)
	}
	row.Crontab = &c
}

func (r *reader) interval(row *schedule.Row) {
	i := valueOf(row.Interval)
	every := &i.Every
	r.integer("interval.every", &every)
	i.Every = valueOf(every)
	r.text("interval.period", &i.Period, false)
	row.Interval = &i
}

func (r *reader) solar(row *schedule.Row) {
	s := valueOf(row.Solar)
	r.text("solar.event", &s.Event, false)
	r.number("solar.latitude", &s.Latitude)
	r.number("solar.longitude", &s.Longitude)
	row.Solar = &s
}

// ScheduleInput returns what an input would be that makes the schedule as it is.
func ScheduleInput(r schedule.Row) form.Input {
	text := func(s string) form.Value { return form.Value{Kind: form.String, Text: s} }
	number := func(n int64) form.Value {
		return form.Value{Kind: form.Integer, Text: json.Number(Marshal(n)).String()}
	}
	moment := func(t time.Time) form.Value {
		if t.IsZero() {
			return form.Value{}
		}
		return text(t.UTC().Format(time.RFC3339Nano))
	}
	in := form.Input{
		"name": text(r.Name), "task": text(r.Task), "description": text(r.Description), "queue": text(r.Queue),
		"enabled": {Kind: form.Boolean, Bool: r.Enabled}, "one_off": {Kind: form.Boolean, Bool: r.OneOff},
		"clocked": moment(r.Clocked), "start_time": moment(r.StartTime), "expires": moment(r.Expires),
		"args": {Kind: form.List, Text: r.Args}, "kwargs": {Kind: form.Object, Text: r.Kwargs},
	}
	if r.ExpireSeconds > 0 {
		in["expire_seconds"] = number(r.ExpireSeconds)
	}
	if r.Priority != nil {
		in["priority"] = number(int64(*r.Priority))
	}
	if c := r.Crontab; c != nil {
		in["crontab.minute"], in["crontab.hour"], in["crontab.day_of_week"] = text(c.Minute), text(c.Hour), text(c.DayOfWeek)
		in["crontab.day_of_month"], in["crontab.month_of_year"], in["crontab.timezone"] = text(c.DayOfMonth), text(c.MonthOfYear), text(c.Timezone)
	}
	if i := r.Interval; i != nil {
		in["interval.every"], in["interval.period"] = number(i.Every), text(i.Period)
	}
	if s := r.Solar; s != nil {
		in["solar.event"] = text(s.Event)
		in["solar.latitude"], in["solar.longitude"] = form.Value{Kind: form.Float, Number: s.Latitude}, form.Value{Kind: form.Float, Number: s.Longitude}
	}
	return in
}
