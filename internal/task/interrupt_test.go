package task_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// An operation that is interrupted at any statement changes nothing, or all, and
// what could not be read is an error.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	root := access.System("test")
	service := func(db *store.Store) *task.Tasks {
		return task.NewTasks(db, task.NewRegistry(nothing), func() time.Time { return at }, quiet())
	}
	var ids []int64
	prepared := storetest.Prepare(t, func(db *store.Store) { ids = pendingAndCanceled(t, service(db)) })
	for name, operation := range map[string]func(context.Context, *task.Tasks, []int64) (any, error){
		"start": func(ctx context.Context, s *task.Tasks, _ []int64) (any, error) {
			return s.Start(ctx, root, "work", json.RawMessage(`{"n":3}`), "")
		},
		"cancel": func(ctx context.Context, s *task.Tasks, ids []int64) (any, error) {
			return nil, s.Cancel(ctx, root, ids[0])
		},
		"retry": func(ctx context.Context, s *task.Tasks, ids []int64) (any, error) {
			return nil, s.Retry(ctx, root, ids[1])
		},
		"find": func(ctx context.Context, s *task.Tasks, ids []int64) (any, error) {
			found, err := s.Find(ctx, root, ids[0])
			return fmt.Sprint(found.State, found.Waits), err
		},
		"list": func(ctx context.Context, s *task.Tasks, _ []int64) (any, error) {
			all, err := s.List(ctx, root, task.Filter{}, 0, 10)
			return waits(all), err
		},
		"search": func(ctx context.Context, s *task.Tasks, _ []int64) (any, error) {
			found, err := s.Search(ctx, root, task.Filter{Words: []string{"work"}}, 0, 10)
			return waits(found.Tasks), err
		},
		"count": func(ctx context.Context, s *task.Tasks, _ []int64) (any, error) {
			states, err := s.Count(ctx, root)
			queues, err2 := s.Queues(ctx, root)
			found, err3 := s.CountFound(ctx, root, task.Filter{}, 10)
			by, err4 := s.CountBy(ctx, root, task.Filter{}, task.ByKind, 10)
			return fmt.Sprint(states, queues, found, by), firstError(err, err2, err3, err4)
		},
		"measure": func(ctx context.Context, s *task.Tasks, _ []int64) (any, error) {
			workers, err := s.Workers(ctx, root)
			rates, err2 := s.Rates(ctx, root, task.Hourly, 3)
			count, through, err3 := s.Extent(ctx, root, task.Filter{})
			first, last, err4 := s.Span(ctx, root)
			return fmt.Sprint(workers, rates, count, through, first, last), firstError(err, err2, err3, err4)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				answer, err := operation(t.Context(), service(db), ids)
				return fmt.Sprint(answer), err
			})
		})
	}
	for name, operation := range map[string]func(context.Context, *task.Tasks) (any, error){
		"cancel all": func(ctx context.Context, s *task.Tasks) (any, error) {
			_, err := s.CancelBatch(ctx, root, task.Batch{Filter: task.Filter{Kind: "work"}})
			return nil, err
		},
		"retry all": func(ctx context.Context, s *task.Tasks) (any, error) {
			_, err := s.RetryBatch(ctx, root, task.Batch{Filter: task.Filter{Kind: "work"}})
			return nil, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.InterruptSteps(t, func(db *store.Store) (string, error) {
				_, err := operation(t.Context(), service(db))
				return "", err
			})
		})
	}
}

// pendingAndCanceled stores a task of each state.
func pendingAndCanceled(t *testing.T, s *task.Tasks) (ids []int64) {
	t.Helper()
	root := access.System("test")
	for range 2 {
		id, err := s.Start(t.Context(), root, "work", nil, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := s.Cancel(t.Context(), root, ids[1]); err != nil {
		t.Fatal(err)
	}
	return ids
}

// waits returns what tasks wait for.
func waits(tasks []task.Task) (all []string) {
	for _, one := range tasks {
		all = append(all, one.Waits)
	}
	return all
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
