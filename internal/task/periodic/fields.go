package periodic

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// table describes what can be edited. Columns of a schedule's own have its name
// before a dot, and a place only in rows that have that schedule. Of the texts,
// package schedule judges those.
var table = form.Table[schedule.Row]{
	{Field: form.Field{Name: "name", Label: "Name", Type: form.TypeString, Required: true, MaxLength: MaxName},
		At: func(r *schedule.Row) any { return &r.Name }},
	{Field: form.Field{Name: "task", Label: "Task", Type: form.TypeString, Required: true, MaxLength: MaxTask},
		At: func(r *schedule.Row) any { return &r.Task }},
	{Field: form.Field{Name: "description", Label: "Description", Type: form.TypeString, Nullable: true, Blank: true},
		At: func(r *schedule.Row) any { return &r.Description }},
	{Field: form.Field{Name: "enabled", Label: "Enabled", Type: form.TypeBoolean},
		At: func(r *schedule.Row) any { return &r.Enabled }},
	{Field: form.Field{Name: "crontab.minute", Label: "Crontab minute", Type: form.TypeString, Blank: true, MaxLength: 240},
		At: within(ofCrontab, func(s *schedule.CrontabSpec) any { return &s.Minute })},
	{Field: form.Field{Name: "crontab.hour", Label: "Crontab hour", Type: form.TypeString, Blank: true, MaxLength: 96},
		At: within(ofCrontab, func(s *schedule.CrontabSpec) any { return &s.Hour })},
	{Field: form.Field{Name: "crontab.day_of_week", Label: "Crontab day of week", Type: form.TypeString, Blank: true, MaxLength: 64},
		At: within(ofCrontab, func(s *schedule.CrontabSpec) any { return &s.DayOfWeek })},
	{Field: form.Field{Name: "crontab.day_of_month", Label: "Crontab day of month", Type: form.TypeString, Blank: true, MaxLength: 124},
		At: within(ofCrontab, func(s *schedule.CrontabSpec) any { return &s.DayOfMonth })},
	{Field: form.Field{Name: "crontab.month_of_year", Label: "Crontab month of year", Type: form.TypeString, Blank: true, MaxLength: 64},
		At: within(ofCrontab, func(s *schedule.CrontabSpec) any { return &s.MonthOfYear })},
	{Field: form.Field{Name: "crontab.timezone", Label: "Crontab time zone", Type: form.TypeString, Blank: true, MaxLength: 63},
		At: within(ofCrontab, func(s *schedule.CrontabSpec) any { return &s.Timezone })},
	{Field: form.Field{Name: "interval.every", Label: "Interval every", Type: form.TypeInteger},
		At: within(ofInterval, func(s *schedule.IntervalSpec) any { return &s.Every })},
	{Field: form.Field{Name: "interval.period", Label: "Interval period", Type: form.TypeString, Blank: true, MaxLength: 24},
		At: within(ofInterval, func(s *schedule.IntervalSpec) any { return &s.Period })},
	{Field: form.Field{Name: "solar.event", Label: "Solar event", Type: form.TypeString, Blank: true, MaxLength: 24},
		At: within(ofSolar, func(s *schedule.SolarSpec) any { return &s.Event })},
	{Field: form.Field{Name: "solar.latitude", Label: "Solar latitude", Type: form.TypeFloat},
		At: within(ofSolar, func(s *schedule.SolarSpec) any { return &s.Latitude })},
	{Field: form.Field{Name: "solar.longitude", Label: "Solar longitude", Type: form.TypeFloat},
		At: within(ofSolar, func(s *schedule.SolarSpec) any { return &s.Longitude })},
	{Field: form.Field{Name: "clocked", Label: "Clocked", Type: form.TypeDateTime, Nullable: true},
		At: func(r *schedule.Row) any { return &r.Clocked }},
	{Field: form.Field{Name: "one_off", Label: "One off", Type: form.TypeBoolean},
		At: func(r *schedule.Row) any { return &r.OneOff }},
	{Field: form.Field{Name: "start_time", Label: "Start time", Type: form.TypeDateTime, Nullable: true},
		At: func(r *schedule.Row) any { return &r.StartTime }},
	{Field: form.Field{Name: "expires", Label: "Expires", Type: form.TypeDateTime, Nullable: true},
		At: func(r *schedule.Row) any { return &r.Expires }},
	{Field: form.Field{Name: "expire_seconds", Label: "Expire seconds", Type: form.TypeInteger, Nullable: true},
		At: func(r *schedule.Row) any { return &r.ExpireSeconds }},
	{Field: form.Field{Name: "args", Label: "Args", Type: form.TypeJSON},
		At: func(r *schedule.Row) any { return &r.Args }},
	{Field: form.Field{Name: "kwargs", Label: "Kwargs", Type: form.TypeJSON},
		At: func(r *schedule.Row) any { return &r.Kwargs }},
	{Field: form.Field{Name: "queue", Label: "Queue", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: task.MaxQueueName},
		At: func(r *schedule.Row) any { return &r.Queue }},
	{Field: form.Field{Name: "priority", Label: "Priority", Type: form.TypeInteger, Nullable: true},
		At: func(r *schedule.Row) any { return &r.Priority }},
}

// Table returns the fields of an entry that can be edited.
func Table() form.Table[schedule.Row] { return table }

func ofCrontab(r *schedule.Row) *schedule.CrontabSpec   { return r.Crontab }
func ofInterval(r *schedule.Row) *schedule.IntervalSpec { return r.Interval }
func ofSolar(r *schedule.Row) *schedule.SolarSpec       { return r.Solar }

// within returns the place of a column in a schedule that a row may have.
func within[T any](of func(*schedule.Row) *T, at func(*T) any) func(*schedule.Row) any {
	return func(r *schedule.Row) any {
		if spec := of(r); spec != nil {
			return at(spec)
		}
		return nil
	}
}

// inFieldOrder sorts the faults by the order of the table; those of a whole
// schedule come before those of its columns.
func inFieldOrder(faults fault.Fields) fault.Fields {
	place := func(f fault.Field) int {
		return slices.IndexFunc(table, func(c form.Column[schedule.Row]) bool {
			return c.Name == f.Name || strings.HasPrefix(c.Name, f.Name+".")
		})
	}
	slices.SortStableFunc(faults, func(a, b fault.Field) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(len(a.Name), len(b.Name)))
	})
	return faults
}

// Object returns the object of an entry in the audit trail.
func Object(r *schedule.Row) audit.Object {
	return audit.Object{Type: "schedule", ID: r.ID, Name: r.Name}
}

// Version returns a text that changes whenever an editable field changes.
// Counting a run does not change it.
func Version(r schedule.Row) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q", r.ID, shown(&r)))
	return hex.EncodeToString(sum[:12])
}

// field is a field of an entry as recorded in the audit trail.
type field struct {
	name  string
	value any // string, bool, number or nil
}

// shown returns the recorded fields of an entry, nil for none.
func shown(r *schedule.Row) []field {
	if r == nil {
		return nil
	}
	return []field{
		{"name", r.Name},
		{"task", r.Task},
		{"description", r.Description},
		{"enabled", r.Enabled},
		{"schedule", timing(r)},
		{"one_off", r.OneOff},
		{"start_time", moment(r.StartTime)},
		{"expires", moment(r.Expires)},
		{"expire_seconds", orNil(r.ExpireSeconds)},
		{"args", r.Args},
		{"kwargs", r.Kwargs},
		{"queue", orNil(r.Queue)},
		{"priority", number(r.Priority)},
	}
}

// timing returns the columns of an entry's schedules as text, equal for equal
// schedules.
func timing(r *schedule.Row) string {
	var all []string
	if c := r.Crontab; c != nil {
		if stored, err := (schedule.Row{Crontab: c}).Stored(); err == nil {
			c = stored.Crontab // "5-7" and "0,5,6" are equal
		}
		all = append(all, strings.Join([]string{"crontab", c.Minute, c.Hour, c.DayOfMonth, c.MonthOfYear, c.DayOfWeek, c.Timezone}, " "))
	}
	if i := r.Interval; i != nil {
		all = append(all, fmt.Sprintf("every %d %s", i.Every, i.Period))
	}
	if s := r.Solar; s != nil {
		all = append(all, fmt.Sprintf("%s at %.6f %.6f", s.Event, s.Latitude, s.Longitude))
	}
	if !r.Clocked.IsZero() {
		all = append(all, "once at "+r.Clocked.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(all, "; ")
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func orNil[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// difference returns the fields with different values; nil means absent.
func difference(before, after *schedule.Row) (changes []audit.Change) {
	was, is := shown(before), shown(after)
	for i := range max(len(was), len(is)) {
		var c audit.Change
		if was != nil {
			c.Field, c.Old = was[i].name, was[i].value
		}
		if is != nil {
			c.Field, c.New = is[i].name, is[i].value
		}
		if c.Old != c.New {
			changes = append(changes, c)
		}
	}
	return changes
}
