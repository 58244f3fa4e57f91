package resources

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/admin/site"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// values returns the form values of a schedule.
func (s schedulesSource) values(sch schedule.Row) map[string]string {
	values := map[string]string{
		"type": typeOf(sch), "crontab.timezone": s.zone.String(),
		"crontab.minute": "0", "crontab.hour": "*", "crontab.day_of_week": "*", "crontab.day_of_month": "*", "crontab.month_of_year": "*",
		"interval.every": "15", "interval.period": "minutes", "solar.event": schedule.Events()[0],
	}
	for _, f := range whenFields("")[1:] {
		values[f.Name] = cmp.Or(f.Initial, values[f.Name])
	}
	for _, c := range periodic.Table() {
		if c.At(&sch) != nil {
			values[c.Name] = s.text(c.Get(&sch), c.Nullable)
		}
	}
	values["task"] = kindOf(sch.Task)
	if sch.Crontab != nil {
		maps.Copy(values, inWords(*sch.Crontab))
	}
	return values
}

// text returns a value as a form has it; "" for none.
func (s schedulesSource) text(value any, nullable bool) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "true"}[v]
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.In(s.zone).Format(time.DateTime)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		if v == 0 && nullable {
			return ""
		}
	}
	return fmt.Sprint(value)
}

// fill sets a schedule from form values and returns the faults.
func (s schedulesSource) fill(sch *schedule.Row, values map[string]string) fault.Fields {
	inWords := toCrontab(values)
	fields, kind := periodic.Table().Fields(), values["type"]
	in := inputOf(fields, values)
	for _, f := range fields {
		group, _, dotted := strings.Cut(f.Name, ".")
		if of := dotted || group == byClocked; of && group != kind {
			delete(in, f.Name)
			in[group] = form.Value{} // it takes away what there was
		}
		if at, ok := form.ParseTime(values[f.Name], s.zone); ok && f.Type == form.TypeDateTime && in[f.Name].Kind == form.String {
			in[f.Name] = form.Value{Kind: form.String, Text: at.Format(time.RFC3339Nano)}
		}
	}
	if kind == byClocked {
		in["one_off"] = form.Value{Kind: form.Boolean, Bool: true}
	}
	wrong := periodic.Read(in, form.Partial)(sch)
	switch {
	case kind == byClocked && in[byClocked].IsEmpty():
		wrong.Add(byClocked, form.MessageRequired)
	case !slices.ContainsFunc(choices["type"], func(c site.Choice) bool { return c.Value == kind }):
		wrong.Add("type", "Choose one of them.")
	}
	return append(inWords, wrong...)
}
