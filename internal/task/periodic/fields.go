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

// Fields lists the editable fields in the order in which errors are shown.
// Fields of a schedule have its name and a dot as prefix.
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

// inFieldOrder sorts errors by the order of Fields.
func inFieldOrder(faults fault.Fields) fault.Fields {
	names := Fields()
	slices.SortStableFunc(faults, func(a, b fault.Field) int {
		return cmp.Compare(slices.Index(names, a.Name), slices.Index(names, b.Name))
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
