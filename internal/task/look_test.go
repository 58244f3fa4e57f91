package task_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// What is wrong with arguments is said in terms of JSON, and no task is stored.
func TestStart_JudgesArguments(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	service := task.NewTasks(s, task.NewRegistry(nothing), time.Now, quiet())
	for args, want := range map[string]string{
		`{"n":"x"}`:     "is a string, want a whole number.",
		`{"n":1.5}`:     "is a number, want a whole number.",
		`{"n":true}`:    "is true or false, want a whole number.",
		`{"n":[1]}`:     "is an array, want a whole number.",
		`[1]`:           "got an array, want an object.",
		`{"n":1} {}`:    "The arguments are not valid JSON.",
		`{"other":"x"}`: `unknown field "other".`,
	} {
		_, err := service.Start(t.Context(), access.System("test"), "work", json.RawMessage(args), "")
		if err == nil || fault.KindOf(err) != fault.Invalid || !strings.HasSuffix(textOf(err), want) || strings.Contains(textOf(err), "Go ") {
			t.Errorf("%s: got %q, want %q", args, textOf(err), want)
		}
	}
	if n, err := s.CountFound(t.Context(), task.Filter{}, 10); n != 0 || err != nil {
		t.Errorf("got %d tasks, %v, want none", n, err)
	}
}

// textOf returns the first message of the first field.
func textOf(err error) string {
	e, ok := err.(*fault.Error) //nolint:errorlint // it is not wrapped
	if !ok || len(e.Fields) == 0 {
		return fmt.Sprint(err)
	}
	return e.Fields[0].Messages[0]
}

func TestTasks_Rates(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		service := task.NewTasks(db, task.NewRegistry(nothing), time.Now, quiet())
		root := access.System("test")
		id, err := service.Start(t.Context(), root, "work", nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := service.Cancel(t.Context(), root, id); err != nil {
			t.Fatal(err)
		}
		for _, step := range []task.Step{task.Minutely, task.Hourly, task.Daily} {
			wantOneCanceled(t, service, step)
		}
		queues, err := service.Queues(t.Context(), root)
		if err != nil || len(queues) != 0 {
			t.Errorf("got %v, %v, want none where nothing is to be done", queues, err)
		}
	})
}

// wantOneCanceled wants the last three steps to hold one canceled task.
func wantOneCanceled(t *testing.T, service *task.Tasks, step task.Step) {
	t.Helper()
	rates, err := service.Rates(t.Context(), access.System("test"), step, 3)
	sum := int64(0)
	for i, r := range rates {
		sum += r.Canceled
		if i > 0 && !rates[i-1].Start.Before(r.Start) {
			t.Errorf("%s: %v is not after %v", step, r.Start, rates[i-1].Start)
		}
	}
	if err != nil || len(rates) != 3 || sum != 1 {
		t.Errorf("%s: got %+v, %v, want one canceled", step, rates, err)
	}
}

func TestTasks_LookRefusals(t *testing.T) {
	t.Parallel()
	service := task.NewTasks(storetest.OpenSQLite(t), task.NewRegistry(nothing), time.Now, quiet())
	root, anonymous := access.System("test"), access.AllowAny.Anonymous()
	for step, n := range map[task.Step]int{"week": 1, task.Hourly: 0, task.Daily: task.MaxRates + 1} {
		if _, err := service.Rates(t.Context(), root, step, n); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s, %d: got %v", step, n, err)
		}
	}
	_, rates := service.Rates(t.Context(), anonymous, task.Hourly, 1)
	_, queues := service.Queues(t.Context(), anonymous)
	_, found := service.CountFound(t.Context(), anonymous, task.Filter{}, 10)
	for i, err := range []error{rates, queues, found} {
		if fault.KindOf(err) != fault.Unauthenticated || err == nil {
			t.Errorf("call %d: got %v", i, err)
		}
	}
	if _, err := task.ParseState("waiting"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
	if s, err := task.ParseState("parked"); s != task.Parked || err != nil {
		t.Errorf("got %s, %v", s, err)
	}
}
