package periodic_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

func text(s string) form.Value { return form.Value{Kind: form.String, Text: s} }

// inputOf is what makes a schedule as it is.
func inputOf(r schedule.Row) form.Input { return periodic.Table().Input(&r) }

// full is a schedule of which every column has a value.
func full() schedule.Row {
	priority := 3
	at := time.Date(2027, 1, 31, 13, 45, 0, 123456000, time.UTC)
	return schedule.Row{
		Entry: schedule.Entry{
			Name: "n", Task: "t", OneOff: true, Enabled: true, Args: "[1]", Kwargs: `{"a":2}`, Queue: "q", Priority: &priority,
			StartTime: at, Expires: at.AddDate(0, 1, 0), ExpireSeconds: 60,
		},
		Description: "d",
	}
}

// An input that was made of a schedule makes the same schedule again.
func TestRead_RoundTrip(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(r *schedule.Row){
		"crontab": func(r *schedule.Row) {
			r.Crontab = &schedule.CrontabSpec{Minute: "1", Hour: "2", DayOfWeek: "3", DayOfMonth: "4", MonthOfYear: "5", Timezone: "UTC"}
		},
		"interval": func(r *schedule.Row) { r.Interval = &schedule.IntervalSpec{Every: 3, Period: "days"} },
		"solar":    func(r *schedule.Row) { r.Solar = &schedule.SolarSpec{Event: "sunset", Latitude: -1.5, Longitude: 2} },
		"clocked":  func(r *schedule.Row) { r.Clocked = r.StartTime },
		"bare":     func(r *schedule.Row) { *r = periodic.Blank(); r.Name, r.Task = "n", "t" },
	} {
		want := full()
		set(&want)
		for _, mode := range []form.Mode{form.Replace, form.Partial} {
			got := periodic.Blank()
			faults := periodic.Read(inputOf(want), mode)(&got)
			if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
				t.Errorf("%s: %v (-want +got)\n%s", name, faults, diff)
			}
		}
	}
}

func TestRead_Partial(t *testing.T) {
	t.Parallel()
	row := full()
	row.Interval = &schedule.IntervalSpec{Every: 3, Period: "days"}
	before := row
	edit := func(in form.Input) fault.Fields { return periodic.Read(in, form.Partial)(&row) }
	if faults := edit(form.Input{}); len(faults) > 0 || !cmp.Equal(before, row) {
		t.Errorf("got %v, %+v, want nothing to change", faults, row)
	}
	edit(form.Input{"interval.every": {Kind: form.Integer, Text: "5"}, "priority": {}, "expire_seconds": {}, "expires": text("")})
	if *row.Interval != (schedule.IntervalSpec{Every: 5, Period: "days"}) || row.Priority != nil || row.ExpireSeconds != 0 || !row.Expires.IsZero() {
		t.Errorf("got %+v", row)
	}
	if before.Interval.Every != 3 {
		t.Error("what the row was made of has changed")
	}
	edit(form.Input{"crontab.hour": text("3")})
	if row.Interval != nil || row.Crontab == nil || row.Crontab.Minute != "*" || row.Crontab.Timezone != "UTC" {
		t.Errorf("got %+v, want the crontab in the interval's place", row)
	}
	edit(form.Input{"crontab": {}})
	if row.Crontab != nil {
		t.Errorf("got %+v, want no schedule", row)
	}
}

func TestRead_Faults(t *testing.T) {
	t.Parallel()
	object := form.Value{Kind: form.Object, Text: "{}"}
	row := full()
	faults := periodic.Read(form.Input{
		"name": object, "task": {}, "enabled": {}, "one_off": text("maybe"), "start_time": object, "expires": text("x"), "priority": object,
		"solar": object, "solar.latitude": object, "crontab": text("x"), "interval.every": text("1e3"),
	}, form.Partial)(&row)
	want := []string{"name", "task", "enabled", "crontab", "interval.every", "solar.latitude", "one_off", "start_time", "expires", "priority"}
	var got []string
	for _, f := range faults {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
