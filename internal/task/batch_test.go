package task_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// TestTasks_Many lists, counts and changes the tasks of every database: 55 of noop and one
// cleanup, in two queues; the third and the fourth are canceled.
func TestTasks_Many(t *testing.T) {
	t.Parallel()
	for name, open := range storetest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			kinds := task.NewRegistry(kind("noop"), kind("cleanup_inactive_users"))
			tasks := task.NewTasks(s, kinds, time.Now, quiet())
			for i := range 55 {
				add(t, tasks, "noop", json.RawMessage(`{"milliseconds": 7}`), map[bool]string{true: "slow"}[i%5 == 0])
			}
			add(t, tasks, "cleanup_inactive_users", json.RawMessage(`{"days": 30}`), "")
			for _, id := range []int64{3, 4} {
				if err := tasks.Cancel(t.Context(), root, id); err != nil {
					t.Fatal(err)
				}
			}
			t.Run("List", func(t *testing.T) { checkList(t, tasks) })
			t.Run("CountBy", func(t *testing.T) { checkCountBy(t, tasks) })
			t.Run("Batches", func(t *testing.T) { checkBatches(t, tasks) })
		})
	}
}

var root = access.System("test")

// kind returns one that is never run.
func kind(name string) task.Kind {
	return task.Define(task.Kind{Name: name, Version: 1}, func(context.Context, *task.Job, map[string]int) (any, error) { return nil, nil })
}

func add(t *testing.T, tasks *task.Tasks, kind string, args json.RawMessage, queue string) {
	t.Helper()
	if _, err := tasks.Start(t.Context(), root, kind, args, queue); err != nil {
		t.Fatal(err)
	}
}

func checkList(t *testing.T, tasks *task.Tasks) {
	t.Helper()
	for name, c := range map[string]struct {
		f    task.Filter
		want int64
	}{
		"all":         {task.Filter{}, 56},
		"state":       {task.Filter{State: task.Canceled}, 2},
		"kind":        {task.Filter{Kind: "noop"}, 55},
		"word":        {task.Filter{Words: []string{"days"}}, 1},
		"words":       {task.Filter{Words: []string{"noop", "days"}}, 0},
		"wildcard":    {task.Filter{Words: []string{"%"}}, 0},
		"actor":       {task.Filter{Words: []string{"system:test"}}, 56},
		"ids":         {task.Filter{After: 2, Through: 4}, 2},
		"ids and all": {task.Filter{Kind: "noop", Queue: "slow", After: 1, Through: 11}, 2},
	} {
		count, through, err := tasks.Extent(t.Context(), root, c.f)
		found, wrong := tasks.List(t.Context(), root, c.f, 0, 300)
		if err != nil || wrong != nil || count != c.want || int64(len(found)) != c.want || len(found) > 0 && found[0].ID != through {
			t.Errorf("%s: got %d tasks through %d and %d, %v, %v, want %d", name, count, through, len(found), err, wrong, c.want)
		}
	}
	page, err := tasks.List(t.Context(), root, task.Filter{}, 54, 10)
	if err != nil || len(page) != 2 || page[0].ID != 2 || page[1].ID != 1 {
		t.Errorf("the last page: got %+v, %v", page, err)
	}
}

func checkCountBy(t *testing.T, tasks *task.Tasks) {
	t.Helper()
	for field, want := range map[task.Field]map[string]int64{
		task.ByState: {"pending": 54, "canceled": 2},
		task.ByKind:  {"noop": 55, "cleanup_inactive_users": 1},
		task.ByQueue: {"slow": 11, "default": 45},
	} {
		got, err := tasks.CountBy(t.Context(), root, task.Filter{}, field, 1000)
		if err != nil || got.Total != 56 || got.More || len(got.Count) != len(want) {
			t.Errorf("%s: got %+v, %v, want %v", field, got, err, want)
		}
		for value, n := range want {
			if got.Count[value] != n {
				t.Errorf("%s %s: got %d, want %d", field, value, got.Count[value], n)
			}
		}
	}
	if got, err := tasks.CountBy(t.Context(), root, task.Filter{}, task.ByKind, 20); err != nil || !got.More || got.Total != 20 {
		t.Errorf("more tasks than the limit: got %+v, %v", got, err)
	}
	first, last, err := tasks.Span(t.Context(), root)
	if err != nil || first.IsZero() || last.Before(first) {
		t.Errorf("the span: got %v to %v, %v", first, last, err)
	}
}

// checkBatches goes through all tasks of a query, and some by their ids.
func checkBatches(t *testing.T, tasks *task.Tasks) {
	t.Helper()
	f := task.Filter{Kind: "noop", Through: 55}
	var steps []task.BatchResult
	for len(steps) == 0 || steps[len(steps)-1].Last > 0 {
		step, err := tasks.CancelBatch(t.Context(), root, task.Batch{Filter: f})
		if err != nil {
			t.Fatal(err)
		}
		steps, f.After = append(steps, step), step.Last
	}
	if want := []task.BatchResult{{Changed: 48, Skipped: 2, Last: 50}, {Changed: 5}}; !slices.Equal(steps, want) {
		t.Errorf("got %+v, want %+v", steps, want)
	}
	step, err := tasks.RetryBatch(t.Context(), root, task.Batch{IDs: []int64{1, 56, 999}})
	if err != nil || step != (task.BatchResult{Changed: 1, Skipped: 2}) {
		t.Errorf("got %+v, %v, want one that runs again, one that waits and one that is not there", step, err)
	}
}

func TestTasks_Denied(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	tasks := task.NewTasks(s, task.NewRegistry(kind("noop")), time.Now, quiet())
	clerk := access.NewActor(access.Account{ID: 7, Username: "ann", Permissions: []access.Permission{access.ViewUser}})
	ctx, f := t.Context(), task.Filter{}
	_, list := tasks.List(ctx, clerk, f, 0, 1)
	_, counts := tasks.CountBy(ctx, clerk, f, task.ByKind, 1)
	_, _, extent := tasks.Extent(ctx, clerk, f)
	_, _, span := tasks.Span(ctx, clerk)
	_, cancel := tasks.CancelBatch(ctx, clerk, task.Batch{})
	_, retry := tasks.RetryBatch(ctx, clerk, task.Batch{})
	for i, err := range []error{list, counts, extent, span, cancel, retry} {
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%d: got %v", i, err)
		}
	}
	if first, last, err := tasks.Span(ctx, root); err != nil || !first.IsZero() || !last.IsZero() {
		t.Errorf("no task: got %v to %v, %v", first, last, err)
	}
}
