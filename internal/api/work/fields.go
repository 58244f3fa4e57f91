// Package work is the part of the API about background work: what tasks and
// schedules look like in it, and how they are read from requests. Package api
// serves it.
package work

import (
	"slices"
	"strings"

	"roster/internal/form"
	"roster/internal/task/periodic"
)

// TaskFields are the fields of a task that is to be started.
func TaskFields() []form.Field {
	return []form.Field{
		{Name: "kind", Label: "Kind", Type: form.TypeString, Required: true, MaxLength: 100},
		{Name: "args", Label: "Args", Type: form.TypeJSON},
		{Name: "queue", Label: "Queue", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100},
	}
}

// ScheduleFields are the fields of a schedule that can be written, by the names
// of their faults: those of a group, such as a crontab, have its name before a dot.
func ScheduleFields() []form.Field {
	return []form.Field{
		{Name: "name", Label: "Name", Type: form.TypeString, Required: true, MaxLength: periodic.MaxName},
		{Name: "task", Label: "Task", Type: form.TypeString, Required: true, MaxLength: periodic.MaxTask},
		{Name: "description", Label: "Description", Type: form.TypeString, Blank: true},
		{Name: "enabled", Label: "Enabled", Type: form.TypeBoolean},
		{Name: "crontab.minute", Label: "Crontab minute", Type: form.TypeString, MaxLength: 240},
		{Name: "crontab.hour", Label: "Crontab hour", Type: form.TypeString, MaxLength: 96},
		{Name: "crontab.day_of_week", Label: "Crontab day of week", Type: form.TypeString, MaxLength: 64},
		{Name: "crontab.day_of_month", Label: "Crontab day of month", Type: form.TypeString, MaxLength: 124},
		{Name: "crontab.month_of_year", Label: "Crontab month of year", Type: form.TypeString, MaxLength: 64},
		{Name: "crontab.timezone", Label: "Crontab time zone", Type: form.TypeString, MaxLength: 63},
		{Name: "interval.every", Label: "Interval every", Type: form.TypeInteger},
		{Name: "interval.period", Label: "Interval period", Type: form.TypeString, MaxLength: 24},
		{Name: "solar.event", Label: "Solar event", Type: form.TypeString, MaxLength: 24},
		{Name: "solar.latitude", Label: "Solar latitude", Type: form.TypeFloat},
		{Name: "solar.longitude", Label: "Solar longitude", Type: form.TypeFloat},
		{Name: "clocked", Label: "Clocked", Type: form.TypeDateTime, Nullable: true},
		{Name: "one_off", Label: "One off", Type: form.TypeBoolean},
		{Name: "start_time", Label: "Start time", Type: form.TypeDateTime, Nullable: true},
		{Name: "expires", Label: "Expires", Type: form.TypeDateTime, Nullable: true},
		{Name: "expire_seconds", Label: "Expire seconds", Type: form.TypeInteger, Nullable: true},
		{Name: "args", Label: "Args", Type: form.TypeJSON},
		{Name: "kwargs", Label: "Kwargs", Type: form.TypeJSON},
		{Name: "queue", Label: "Queue", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100},
		{Name: "priority", Label: "Priority", Type: form.TypeInteger, Nullable: true},
	}
}

// Parameters are the names beside those of fields that faults may have: of
// groups, and of what a request asks for.
func Parameters() []string {
	return []string{"crontab", "interval", "solar", "state", "created_after", "created_before", "step", "count"}
}

// groups are the fields that have fields of their own.
var groups = []string{"crontab", "interval", "solar"}

// Grouped returns the group that a field belongs to, "" for none, and what it is
// called there.
func Grouped(name string) (group, member string) {
	group, member, dotted := strings.Cut(name, ".")
	if !dotted || !slices.Contains(groups, group) {
		return "", name
	}
	return group, member
}

func groupOf(name string) string {
	group, _ := Grouped(name)
	return group
}
