package task_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	root := access.System("test")
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		service := task.NewTasks(s, task.NewRegistry(nothing), time.Now, quiet())
		id, err := service.Start(t.Context(), root, "work", json.RawMessage(`{"n":1}`), "own")
		if err != nil {
			t.Fatal(err)
		}
		if got := want(t, s, id, task.Pending); got.Queue != "own" || string(got.Args) != `{"n":1}` || got.Actor != "system:test" {
			t.Errorf("got %+v", got)
		}
		wantKind := func(err error, want fault.Kind) {
			t.Helper()
			if err == nil || fault.KindOf(err) != want {
				t.Errorf("got %v, want kind %d", err, want)
			}
		}
		wantKind(service.Retry(t.Context(), root, id), fault.Conflict)
		for range 2 { // the second finds it canceled
			err = service.Cancel(t.Context(), root, id)
		}
		wantKind(err, fault.Conflict)
		want(t, s, id, task.Canceled)
		if err := service.Retry(t.Context(), root, id); err != nil {
			t.Error(err)
		}
		want(t, s, id, task.Pending)
		wantKind(service.Cancel(t.Context(), root, 1<<40), fault.NotFound)
		rows, err := s.ListAudit(t.Context(), 0, 10)
		if err != nil || len(rows) != 3 || rows[0].Action != "create" || rows[1].Changes[0].New != "canceled" || rows[2].Changes[0].New != "pending" {
			t.Errorf("got %+v, %v, want three entries", rows, err)
		}
	})
}

func TestTasks_Refusals(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	service := task.NewTasks(s, task.NewRegistry(nothing), time.Now, quiet())
	for name, tt := range map[string]struct {
		actor      access.Actor
		kind, args string
		want       fault.Kind
	}{
		"anonymous":     {access.AllowAny.Anonymous(), "work", "{}", fault.Unauthenticated},
		"no permission": {access.NewActor(access.Account{ID: 1, Username: "ann"}), "work", "{}", fault.Denied},
		"no such kind":  {access.System("test"), "play", "{}", fault.Invalid},
		"no JSON":       {access.System("test"), "work", "{", fault.Invalid},
		"wrong field":   {access.System("test"), "work", `{"m":1}`, fault.Invalid},
	} {
		if _, err := service.Start(t.Context(), tt.actor, tt.kind, json.RawMessage(tt.args), ""); err == nil || fault.KindOf(err) != tt.want {
			t.Errorf("%s: got %v, want kind %d", name, err, tt.want)
		}
	}
	anonymous := access.AllowAny.Anonymous()
	_, found := service.Find(t.Context(), anonymous, 1)
	_, listed := service.List(t.Context(), anonymous, task.Filter{}, 0, 1)
	_, counted := service.Count(t.Context(), anonymous)
	_, workers := service.Workers(t.Context(), anonymous)
	for i, err := range []error{found, listed, counted, workers, service.Cancel(t.Context(), anonymous, 1), service.Retry(t.Context(), anonymous, 1)} {
		if fault.KindOf(err) != fault.Unauthenticated || err == nil {
			t.Errorf("call %d: got %v", i, err)
		}
	}
}

// What may be done with a task depends on its state, and for a pending one on whether
// it waits for another attempt.
func TestTasks_States(t *testing.T) {
	t.Parallel()
	root, s := access.System("test"), storetest.OpenSQLite(t)
	mailing := nothing
	mailing.Mailing = true
	service := task.NewTasks(s, task.NewRegistry(mailing), time.Now, quiet())
	const future, past = "2999-01-01 00:00:00", "2000-01-01 00:00:00"
	for name, tt := range map[string]struct {
		state         string
		runs          int
		runAt         string
		cancel, retry bool
		resend        string
	}{
		"pending":               {"pending", 0, past, true, false, "The mailing has not ended."},
		"pending, later":        {"pending", 0, future, true, false, "The mailing has not ended."},
		"next attempt is due":   {"pending", 1, past, true, false, "The mailing has not ended."},
		"next attempt is later": {"pending", 1, future, true, true, "The mailing has not ended."},
		"running":               {"running", 1, past, true, false, "The mailing has not ended."},
		"parked":                {"parked", 0, past, true, true, "The mailing has not ended."},
		"done":                  {"done", 1, past, false, false, "The mailing has reached everyone that it can reach."},
		"dead":                  {"dead", 1, past, false, true, "The mailing has reached everyone that it can reach."},
		"canceled":              {"canceled", 1, past, false, true, "The mailing has reached everyone that it can reach."},
	} {
		try := func(do func(int64) error) error {
			id := enqueue(t, s, mailing, 1)[0]
			sql(t, s, fmt.Sprintf("UPDATE roster_tasks SET state = '%s', runs = %d, run_at = '%s' WHERE id = %d", tt.state, tt.runs, tt.runAt, id))
			return do(id)
		}
		for verb, c := range map[string]struct {
			want bool
			err  error
		}{
			"cancel": {tt.cancel, try(func(id int64) error { return service.Cancel(t.Context(), root, id) })},
			"retry":  {tt.retry, try(func(id int64) error { return service.Retry(t.Context(), root, id) })},
		} {
			if c.want != (c.err == nil) || !c.want && fault.KindOf(c.err) != fault.Conflict {
				t.Errorf("%s of %s: got %v", verb, name, c.err)
			}
		}
		err := try(func(id int64) error { return service.Resend(t.Context(), root, id) })
		if err == nil || err.Error() != tt.resend || fault.KindOf(err) != fault.Conflict {
			t.Errorf("resend of %s: got %v, want %s", name, err, tt.resend)
		}
	}
}
