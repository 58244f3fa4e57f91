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
		got, err := work.ReadBody(tt.contentType, tt.body)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", tt.body, err, diff)
		}
	}
	for body, want := range map[string]fault.Kind{`{"a":`: fault.Invalid, `[]`: fault.Invalid, `{"a":{"b":NaN}}`: fault.Invalid} {
		if _, err := work.ReadBody(jsonType, body); fault.KindOf(err) != want || err == nil {
			t.Errorf("%s: got %v", body, err)
		}
	}
	if _, err := work.ReadBody("text/plain", "x"); fault.KindOf(err) != fault.Unsupported {
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

func TestReadStart(t *testing.T) {
	t.Parallel()
	got, err := work.ReadStart(form.Input{"kind": text(" noop "), "args": {Kind: form.Object, Text: `{"n":1}`}, "queue": {}})
	if err != nil || got.Kind != "noop" || got.Args != `{"n":1}` || got.Queue != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := work.ReadStart(form.Input{"kind": text("noop"), "args": text("  ")}); err != nil || got.Args != "" {
		t.Errorf("got %+v, %v, want the kind's own arguments", got, err)
	}
	if _, err := work.ReadStart(form.Input{"kind": {Kind: form.Boolean}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
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
		in, err := work.ReadBody(contentType, body)
		if err != nil {
			return
		}
		row := periodic.Blank()
		for _, fault := range periodic.Read(in, form.Replace)(&row) {
			if len(fault.Messages) == 0 {
				t.Errorf("%s has no message", fault.Name)
			}
		}
		again := periodic.Blank()
		if faults := periodic.Read(periodic.Table().Input(&row), form.Partial)(&again); row.Name != "" && row.Task != "" && len(faults) > 0 {
			t.Errorf("got %v of what was read", faults)
		}
	})
}
