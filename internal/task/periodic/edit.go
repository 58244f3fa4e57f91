package periodic

import (
	"slices"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task/schedule"
)

// Read returns the change that an input asks for. With mode Partial what is left
// out stays as it is, otherwise it becomes as in a new entry; the name and the
// task have to be there then. A schedule that is given takes the place of the one
// there was; null, or empty text, takes it away.
func Read(in form.Input, mode form.Mode) Edit {
	return func(row *schedule.Row) fault.Fields {
		if mode != form.Partial {
			*row = Blank()
		}
		*row = clone(*row)
		faults := choose(row, in)
		return inFieldOrder(append(faults, table.ReadInto(row, in, mode)...))
	}
}

// choose makes room for the columns of the schedules that an input has, and
// takes the others away when it has any, or null in their place.
func choose(row *schedule.Row, in form.Input) (faults fault.Fields) {
	var asked []string
	for name, value := range in {
		group, _, dotted := strings.Cut(name, ".")
		switch {
		case name == "clocked" && !value.IsEmpty(), dotted && slices.Contains(Groups(), group):
			asked = append(asked, group)
		case !slices.Contains(Groups(), name) || value.IsEmpty():
		case value.Kind == form.Object:
			asked = append(asked, name)
		default:
			faults.Add(name, form.MessageNotObject)
		}
	}
	keeps := func(name string) bool {
		_, given := in[name]
		return slices.Contains(asked, name) || len(asked) == 0 && !given
	}
	row.Crontab = kept(row.Crontab, keeps("crontab"), slices.Contains(asked, "crontab"), schedule.CrontabSpec{
		Minute: "*", Hour: "*", DayOfWeek: "*", DayOfMonth: "*", MonthOfYear: "*", Timezone: "UTC", // as Celery's
	})
	row.Interval = kept(row.Interval, keeps("interval"), slices.Contains(asked, "interval"), schedule.IntervalSpec{})
	row.Solar = kept(row.Solar, keeps("solar"), slices.Contains(asked, "solar"), schedule.SolarSpec{})
	if !keeps("clocked") {
		row.Clocked = time.Time{}
	}
	return faults
}

// kept returns a schedule that is kept, or a blank one where one is asked for.
func kept[T any](spec *T, keep, asked bool, blank T) *T {
	switch {
	case !keep:
		return nil
	case spec == nil && asked:
		return &blank
	}
	return spec
}

// Groups returns the names of the schedules that have columns of their own.
func Groups() []string { return []string{"crontab", "interval", "solar"} }
