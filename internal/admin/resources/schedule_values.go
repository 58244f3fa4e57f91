package resources

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/task/schedule"
)

// momentLayouts has the formats of times in forms; the first is for display. Times
// without a zone are in the zone of the site.
var momentLayouts = [...]string{time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly, time.RFC3339}

// values returns the form values of a schedule.
func (s schedulesSource) values(sch schedule.Row) map[string]string {
	truth := func(is bool) string { return map[bool]string{true: "true"}[is] }
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(s.zone).Format(time.DateTime)
	}
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	v := map[string]string{
		"name": sch.Name, "task": sch.Task, "description": sch.Description, "enabled": truth(sch.Enabled), "one_off": truth(sch.OneOff),
		"args": sch.Args, "kwargs": sch.Kwargs, "queue": sch.Queue, "start_time": moment(sch.StartTime), "expires": moment(sch.Expires),
		"expire_seconds": number(sch.ExpireSeconds), "type": typeOf(sch), "clocked": moment(sch.Clocked), "crontab.timezone": s.zone.String(),
		"crontab.minute": "0", "crontab.hour": "*", "crontab.day_of_week": "*", "crontab.day_of_month": "*", "crontab.month_of_year": "*",
		"interval.every": "1", "interval.period": schedule.Periods()[0], "solar.event": schedule.Events()[0],
	}
	if sch.Priority != nil {
		v["priority"] = strconv.Itoa(*sch.Priority)
	}
	switch {
	case sch.Crontab != nil:
		c := sch.Crontab
		v["crontab.minute"], v["crontab.hour"], v["crontab.day_of_week"] = c.Minute, c.Hour, c.DayOfWeek
		v["crontab.day_of_month"], v["crontab.month_of_year"], v["crontab.timezone"] = c.DayOfMonth, c.MonthOfYear, c.Timezone
	case sch.Interval != nil:
		v["interval.every"], v["interval.period"] = strconv.FormatInt(sch.Interval.Every, 10), sch.Interval.Period
	case sch.Solar != nil:
		v["solar.event"] = sch.Solar.Event
		v["solar.latitude"], v["solar.longitude"] = strconv.FormatFloat(sch.Solar.Latitude, 'f', -1, 64), strconv.FormatFloat(sch.Solar.Longitude, 'f', -1, 64)
	}
	return v
}

// fill sets a schedule from form values and returns the faults.
func (s schedulesSource) fill(sch *schedule.Row, values map[string]string) fault.Fields {
	r := reader{values: values, zone: s.zone}
	sch.Name, sch.Task, sch.Description, sch.Queue = values["name"], values["task"], values["description"], values["queue"]
	sch.Args, sch.Kwargs = values["args"], values["kwargs"]
	sch.Enabled = values["enabled"] == "true"
	sch.OneOff = values["one_off"] == "true" || values["type"] == byClocked
	sch.StartTime, sch.Expires = r.moment("start_time"), r.moment("expires")
	sch.ExpireSeconds = r.number("expire_seconds")
	sch.Priority = nil
	if strings.TrimSpace(values["priority"]) != "" {
		priority := int(r.number("priority"))
		sch.Priority = &priority
	}
	sch.Crontab, sch.Interval, sch.Solar, sch.Clocked = nil, nil, nil, time.Time{}
	switch values["type"] {
	case byCrontab:
		sch.Crontab = &schedule.CrontabSpec{
			Minute: r.text("crontab.minute"), Hour: r.text("crontab.hour"), DayOfWeek: r.text("crontab.day_of_week"),
			DayOfMonth: r.text("crontab.day_of_month"), MonthOfYear: r.text("crontab.month_of_year"), Timezone: r.text("crontab.timezone"),
		}
	case byInterval:
		sch.Interval = &schedule.IntervalSpec{Every: r.number("interval.every"), Period: values["interval.period"]}
	case bySolar:
		sch.Solar = &schedule.SolarSpec{Event: values["solar.event"], Latitude: r.degrees("solar.latitude"), Longitude: r.degrees("solar.longitude")}
	case byClocked:
		if sch.Clocked = r.moment("clocked"); sch.Clocked.IsZero() && !r.wrong.Has("clocked") {
			r.wrong.Add("clocked", "This field is required.")
		}
	default:
		r.wrong.Add("type", "Choose one of them.")
	}
	return r.wrong
}

// reader parses form values and collects faults.
type reader struct {
	values map[string]string
	zone   *time.Location
	wrong  fault.Fields
}

func (r *reader) text(name string) string { return strings.TrimSpace(r.values[name]) }

func (r *reader) moment(name string) time.Time {
	text := r.text(name)
	if text == "" {
		return time.Time{}
	}
	for _, layout := range momentLayouts {
		if t, err := time.ParseInLocation(layout, text, r.zone); err == nil {
			return t.UTC()
		}
	}
	r.wrong.Add(name, fmt.Sprintf("“%s” is no time. Write it as 2027-01-31 14:30.", text))
	return time.Time{}
}

func (r *reader) number(name string) int64 {
	text := r.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		r.wrong.Add(name, fmt.Sprintf("“%s” is not a whole number.", text))
	}
	return n
}

func (r *reader) degrees(name string) float64 {
	text := r.text(name)
	d, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.wrong.Add(name, fmt.Sprintf("“%s” is not a number of degrees, such as 52.52.", text))
	}
	return d
}
