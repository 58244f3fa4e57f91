package board_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/board"
)

// TestTasks looks through the tasks of every database: 55 of noop and one
// cleanup, in two queues; the third and the fourth are canceled.
func TestTasks(t *testing.T) {
	t.Parallel()
	for name, open := range storetest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t).Tasks()
			kinds := task.NewRegistry(kind("noop"), kind("cleanup_inactive_users"))
			tasks := board.NewTasks(s, task.NewTasks(s, kinds, time.Now, slog.New(slog.DiscardHandler)))
			for i := range 55 {
				start(t, tasks, "noop", json.RawMessage(`{"milliseconds": 7}`), map[bool]string{true: "slow"}[i%5 == 0])
			}
			start(t, tasks, "cleanup_inactive_users", json.RawMessage(`{"days": 30}`), "")
			for _, id := range []int64{3, 4} {
				if err := tasks.Cancel(t.Context(), root, id); err != nil {
					t.Fatal(err)
				}
			}
			t.Run("Look", func(t *testing.T) { checkLook(t, tasks) })
			t.Run("Tally", func(t *testing.T) { checkTally(t, tasks) })
			t.Run("Batches", func(t *testing.T) { checkBatches(t, tasks) })
		})
	}
}

var root = access.System("test")

// kind returns one that is never run.
func kind(name string) task.Kind {
	return task.Define(task.Kind{Name: name, Version: 1}, func(context.Context, *task.Job, map[string]int) (any, error) { return nil, nil })
}

func start(t *testing.T, tasks *board.Tasks, kind string, args json.RawMessage, queue string) {
	t.Helper()
	if _, err := tasks.Start(t.Context(), root, kind, args, queue); err != nil {
		t.Fatal(err)
	}
}

func checkLook(t *testing.T, tasks *board.Tasks) {
	t.Helper()
	for name, c := range map[string]struct {
		q    board.Query
		want int64
	}{
		"all":         {board.Query{}, 56},
		"state":       {board.Query{Filter: task.Filter{State: task.Canceled}}, 2},
		"kind":        {board.Query{Filter: task.Filter{Kind: "noop"}}, 55},
		"word":        {board.Query{Words: []string{"days"}}, 1},
		"words":       {board.Query{Words: []string{"noop", "days"}}, 0},
		"wildcard":    {board.Query{Words: []string{"%"}}, 0},
		"actor":       {board.Query{Words: []string{"system:test"}}, 56},
		"ids":         {board.Query{After: 2, Through: 4}, 2},
		"ids and all": {board.Query{Filter: task.Filter{Kind: "noop", Queue: "slow"}, After: 1, Through: 11}, 2},
	} {
		count, through, err := tasks.Extent(t.Context(), root, c.q)
		found, wrong := tasks.Look(t.Context(), root, c.q, 0, 300)
		if err != nil || wrong != nil || count != c.want || int64(len(found)) != c.want || len(found) > 0 && found[0].ID != through {
			t.Errorf("%s: got %d tasks through %d and %d, %v, %v, want %d", name, count, through, len(found), err, wrong, c.want)
		}
	}
	page, err := tasks.Look(t.Context(), root, board.Query{}, 54, 10)
	if err != nil || len(page) != 2 || page[0].ID != 2 || page[1].ID != 1 {
		t.Errorf("the last page: got %+v, %v", page, err)
	}
}

func checkTally(t *testing.T, tasks *board.Tasks) {
	t.Helper()
	for field, want := range map[board.Field]map[string]int64{
		board.ByState: {"pending": 54, "canceled": 2},
		board.ByKind:  {"noop": 55, "cleanup_inactive_users": 1},
		board.ByQueue: {"slow": 11, "default": 45},
	} {
		got, err := tasks.Tally(t.Context(), root, board.Query{}, field, 1000)
		if err != nil || got.Total != 56 || got.More || len(got.Count) != len(want) {
			t.Errorf("%s: got %+v, %v, want %v", field, got, err, want)
		}
		for value, n := range want {
			if got.Count[value] != n {
				t.Errorf("%s %s: got %d, want %d", field, value, got.Count[value], n)
			}
		}
	}
	if got, err := tasks.Tally(t.Context(), root, board.Query{}, board.ByKind, 20); err != nil || !got.More || got.Total != 20 {
		t.Errorf("more than are counted: got %+v, %v", got, err)
	}
	first, last, err := tasks.Span(t.Context(), root)
	if err != nil || first.IsZero() || last.Before(first) {
		t.Errorf("the span: got %v to %v, %v", first, last, err)
	}
}

// checkBatches goes through all tasks of a query, and some by their ids.
func checkBatches(t *testing.T, tasks *board.Tasks) {
	t.Helper()
	q := board.Query{Filter: task.Filter{Kind: "noop"}, Through: 55}
	var steps []board.Step
	for len(steps) == 0 || steps[len(steps)-1].Last > 0 {
		step, err := tasks.CancelBatch(t.Context(), root, board.Batch{Query: q})
		if err != nil {
			t.Fatal(err)
		}
		steps, q.After = append(steps, step), step.Last
	}
	if want := []board.Step{{Changed: 48, Skipped: 2, Last: 50}, {Changed: 5}}; !slices.Equal(steps, want) {
		t.Errorf("got %+v, want %+v", steps, want)
	}
	step, err := tasks.RetryBatch(t.Context(), root, board.Batch{IDs: []int64{1, 56, 999}})
	if err != nil || step != (board.Step{Changed: 1, Skipped: 2}) {
		t.Errorf("got %+v, %v, want one that runs again, one that waits and one that is not there", step, err)
	}
}

func TestTasks_Denied(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t).Tasks()
	tasks := board.NewTasks(s, task.NewTasks(s, task.NewRegistry(kind("noop")), time.Now, slog.New(slog.DiscardHandler)))
	clerk := access.NewActor(access.Account{ID: 7, Username: "ann", Permissions: []access.Permission{access.ViewUser}})
	ctx, q := t.Context(), board.Query{}
	_, look := tasks.Look(ctx, clerk, q, 0, 1)
	_, tally := tasks.Tally(ctx, clerk, q, board.ByKind, 1)
	_, _, extent := tasks.Extent(ctx, clerk, q)
	_, _, span := tasks.Span(ctx, clerk)
	_, cancel := tasks.CancelBatch(ctx, clerk, board.Batch{})
	_, retry := tasks.RetryBatch(ctx, clerk, board.Batch{})
	for i, err := range []error{look, tally, extent, span, cancel, retry} {
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%d: got %v", i, err)
		}
	}
	if first, last, err := tasks.Span(ctx, root); err != nil || !first.IsZero() || !last.IsZero() {
		t.Errorf("no task: got %v to %v, %v", first, last, err)
	}
}
