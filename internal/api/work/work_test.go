package work_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/api/work"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

const jsonType = "application/json"

func text(s string) form.Value { return form.Value{Kind: form.String, Text: s} }

func TestReadBody(t *testing.T) {
	t.Parallel()
	tests := []struct {
		contentType, body string
		want              form.Input
	}{
		{jsonType, `{"name":"a","crontab":{"hour":"3","minute":5},"kwargs":{"a": [1, 2]},"args":[ ]}`, form.Input{
			"name": text("a"), "crontab.hour": text("3"), "crontab.minute": {Kind: form.Integer, Text: "5"},
			"kwargs": {Kind: form.Object, Text: `{"a":[1,2]}`}, "args": {Kind: form.List, Text: "[]"},
		}},
		{jsonType, `{"crontab.hour":"3","interval":null}`, form.Input{"crontab.hour": text("3"), "interval": {}}},
		{jsonType, `{"crontab":{}}`, form.Input{"crontab": {Kind: form.Object}}},
		{jsonType, `{"crontab":[]}`, form.Input{"crontab": {Kind: form.List, Text: "[]"}}},
		{jsonType, `{"kwargs":{"a":1},"kwargs":{"b":2}}`, form.Input{"kwargs": {Kind: form.Object, Text: `{"b":2}`}}},
		{"", "", form.Input{}},
		{"application/x-www-form-urlencoded", "solar.event=&solar.latitude=&crontab.hour=&crontab.minute=1&queue=", form.Input{
			"crontab.hour": text(""), "crontab.minute": text("1"), "queue": text(""),
		}},
	}
	for _, tt := range tests {
		got, err := work.ReadBody(tt.contentType, []byte(tt.body))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", tt.body, err, diff)
		}
	}
	for body, want := range map[string]fault.Kind{`{"a":`: fault.Invalid, `[]`: fault.Invalid, `{"a":{"b":NaN}}`: fault.Invalid} {
		if _, err := work.ReadBody(jsonType, []byte(body)); fault.KindOf(err) != want || err == nil {
			t.Errorf("%s: got %v", body, err)
		}
	}
	if _, err := work.ReadBody("text/plain", []byte("x")); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("got %v", err)
	}
}

func TestIsForm(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]bool{
		"application/x-www-form-urlencoded; charset=utf-8": true, "multipart/form-data; boundary=x": true, jsonType: false, "": false,
	} {
		if got := work.IsForm(contentType); got != want {
			t.Errorf("%s: got %v", contentType, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"2027-01-31T13:45:00Z": "2027-01-31T13:45:00Z", "2027-01-31 13:45": "2027-01-31T13:45:00Z", "2027-01-31T13:45+02:00": "2027-01-31T11:45:00Z",
		" 2027-01-31 ": "2027-01-31T00:00:00Z", "2027-01-31T13:45:00.5-01:00": "2027-01-31T14:45:00.5Z",
		"": "", "noon": "", "2027-02-30": "", "0001-01-01T00:00:00Z": "", "20270131": "",
	} {
		at, ok := work.ParseTime(given)
		if ok != (want != "") || ok && at.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %v, %v, want %s", given, at, ok, want)
		}
	}
}

func TestReadStart(t *testing.T) {
	t.Parallel()
	got, err := work.ReadStart(form.Input{"kind": text(" noop "), "args": {Kind: form.Object, Text: `{"n":1}`}, "queue": {}})
	if err != nil || got.Kind != "noop" || string(got.Args) != `{"n":1}` || got.Queue != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := work.ReadStart(form.Input{"kind": text("noop"), "args": text("  ")}); err != nil || got.Args != nil {
		t.Errorf("got %+v, %v, want the kind's own arguments", got, err)
	}
	if _, err := work.ReadStart(form.Input{"kind": {Kind: form.Boolean}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

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
func TestScheduleInput_RoundTrip(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(r *schedule.Row){
		"crontab": func(r *schedule.Row) {
			r.Crontab = &schedule.CrontabSpec{Minute: "1", Hour: "2", DayOfWeek: "3", DayOfMonth: "4", MonthOfYear: "5", Timezone: "UTC"}
		},
		"interval": func(r *schedule.Row) { r.Interval = &schedule.IntervalSpec{Every: 3, Period: "days"} },
		"solar":    func(r *schedule.Row) { r.Solar = &schedule.SolarSpec{Event: "sunset", Latitude: -1.5, Longitude: 2} },
		"clocked":  func(r *schedule.Row) { r.Clocked = r.StartTime },
		"bare":     func(r *schedule.Row) { *r = periodic.Blank() },
	} {
		want := full()
		set(&want)
		for _, mode := range []form.Mode{form.Replace, form.Partial} {
			got := periodic.Blank()
			faults := work.EditSchedule(work.ScheduleInput(want), mode)(&got)
			if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
				t.Errorf("%s: %v (-want +got)\n%s", name, faults, diff)
			}
		}
	}
}

func TestEditSchedule_Partial(t *testing.T) {
	t.Parallel()
	row := full()
	row.Interval = &schedule.IntervalSpec{Every: 3, Period: "days"}
	before := row
	edit := func(in form.Input) fault.Fields { return work.EditSchedule(in, form.Partial)(&row) }
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

func TestEditSchedule_Faults(t *testing.T) {
	t.Parallel()
	object := form.Value{Kind: form.Object, Text: "{}"}
	row := full()
	faults := work.EditSchedule(form.Input{
		"name": object, "task": {}, "enabled": {}, "one_off": text("maybe"), "start_time": object, "expires": text("x"), "priority": object,
		"solar": object, "solar.latitude": object, "crontab": text("x"), "interval.every": text("1e3"),
	}, form.Partial)(&row)
	want := []string{"name", "task", "enabled", "one_off", "start_time", "expires", "priority", "crontab", "interval.every", "solar.latitude"}
	var got []string
	for _, f := range faults {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCompleteForm(t *testing.T) {
	t.Parallel()
	in := form.Input{"enabled": text("true"), "crontab.hour": text("3"), "crontab.minute": text(" "), "queue": text("")}
	work.CompleteForm(in)
	_, minute := in["crontab.minute"]
	if in["enabled"].Text != "true" || len(in) != 4 || minute || in["one_off"].Kind != form.Boolean || in["one_off"].Bool {
		t.Errorf("got %+v", in)
	}
}

func TestNewTask(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 31, 13, 45, 0, 500000000, time.UTC)
	stored := task.Task{
		New: task.New{Kind: "k", Args: []byte(`{"a":"<b>"}`), At: at, RunAt: at}, State: task.Dead, Error: "e", Stack: "s",
		Result: []byte("no JSON"), Started: at, Finished: at.Add(1500 * time.Millisecond), Total: 9,
	}
	var got map[string]any
	if err := json.Unmarshal(work.Marshal(work.NewTask(stored)), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"created_at": "2027-01-31T13:45:00.500000Z", "finished_at": "2027-01-31T13:45:02Z", "deadline": nil, "seconds": 1.5,
		"result": "no JSON", "error": "e", "stack": "s", "worker": nil, "state": "dead",
	} {
		if got[name] != want {
			t.Errorf("%s: got %v, want %v", name, got[name], want)
		}
	}
	if text := string(work.Marshal("<&>")); text != `"<&>"` {
		t.Errorf("got %s", text)
	}
}

// FuzzEdit has any body read, and what is read be judged by the door alone where
// the types are wrong.
func FuzzEdit(f *testing.F) {
	f.Add(jsonType, `{"name":"a","crontab":{"hour":"3"},"kwargs":{"a":1},"clocked":"2027-01-01T00:00Z"}`)
	f.Add("application/x-www-form-urlencoded", "crontab.hour=3&enabled=on&priority=7")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		in, err := work.ReadBody(contentType, []byte(body))
		if err != nil {
			return
		}
		row := periodic.Blank()
		for _, fault := range work.EditSchedule(in, form.Replace)(&row) {
			if len(fault.Messages) == 0 {
				t.Errorf("%s has no message", fault.Name)
			}
		}
		again := periodic.Blank()
		if faults := work.EditSchedule(work.ScheduleInput(row), form.Partial)(&again); row.Name != "" && len(faults) > 0 {
			t.Errorf("got %v of what was read", faults)
		}
	})
}
