package task_test

import (
	"encoding/json"
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
