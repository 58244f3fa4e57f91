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
	"roster/internal/task/schedule"
)

// Fields lists the names of what can be edited, in the order in which faults are
// shown. Those of a schedule's own columns follow a dot.
func Fields() []string {
	return []string{
		"name", "task", "description", "enabled",
		"crontab", "crontab.minute", "crontab.hour", "crontab.day_of_week", "crontab.day_of_month", "crontab.month_of_year", "crontab.timezone",
		"interval", "interval.every", "interval.period",
		"solar", "solar.event", "solar.latitude", "solar.longitude",
		"clocked", "one_off", "start_time", "expires", "expire_seconds",
		"args", "kwargs", "queue", "priority",
	}
}

// inFieldOrder sorts the faults by the order of Fields.
func inFieldOrder(faults fault.Fields) fault.Fields {
	names := Fields()
	slices.SortStableFunc(faults, func(a, b fault.Field) int {
		return cmp.Compare(slices.Index(names, a.Name), slices.Index(names, b.Name))
	})
	return faults
}

// Object returns what the audit trail calls an entry.
func Object(r *schedule.Row) audit.Object {
	return audit.Object{Type: "schedule", ID: r.ID, Name: r.Name}
}

// Version returns a text that is another one whenever what can be edited of an
// entry has other values. A run that is counted does not change it.
func Version(r schedule.Row) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q", r.ID, shown(&r)))
	return hex.EncodeToString(sum[:12])
}

// field is a field of an entry as the audit trail shows it.
type field struct {
	name  string
	value any // a text, a boolean, a number or nil
}

// shown returns what is recorded of an entry, nil for none.
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

// timing returns the columns of an entry's schedules, so that equal texts are
// equal schedules.
func timing(r *schedule.Row) string {
	var all []string
	if c := r.Crontab; c != nil {
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

// difference returns the fields that have other values; nil is what is not there.
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
