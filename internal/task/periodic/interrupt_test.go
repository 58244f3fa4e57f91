package periodic_test

import (
	"context"
	"fmt"
	"testing"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// An operation that is interrupted at any statement changes nothing, or all, and
// what could not be read is an error.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	hourly := func(r *schedule.Row) fault.Fields {
		r.Crontab, r.Interval = nil, &schedule.IntervalSpec{Every: 1, Period: "hours"}
		return nil
	}
	var made schedule.Row
	prepared := storetest.Prepare(t, func(db *store.Store) { made = create(t, newSchedules(db), daily("tidy up")) })
	for name, operation := range map[string]func(context.Context, *periodic.Schedules, int64) (any, error){
		"create": func(ctx context.Context, s *periodic.Schedules, _ int64) (any, error) {
			r, err := s.Create(ctx, root, daily("another"))
			return r.Name, err
		},
		"update": func(ctx context.Context, s *periodic.Schedules, id int64) (any, error) {
			r, err := s.Update(ctx, root, id, hourly)
			return r.Name, err
		},
		"disable": func(ctx context.Context, s *periodic.Schedules, id int64) (any, error) {
			r, err := s.SetEnabled(ctx, root, id, false)
			return r.Enabled, err
		},
		"delete": func(ctx context.Context, s *periodic.Schedules, id int64) (any, error) {
			return nil, s.Delete(ctx, root, id)
		},
		"run": func(ctx context.Context, s *periodic.Schedules, id int64) (any, error) { return s.Run(ctx, root, id) },
		"find": func(ctx context.Context, s *periodic.Schedules, id int64) (any, error) {
			r, err := s.Find(ctx, root, id)
			if err == nil {
				err = s.Exists(ctx, root, id)
			}
			return r.Name, err
		},
		"list": func(ctx context.Context, s *periodic.Schedules, _ int64) (any, error) {
			rows, err := s.List(ctx, root, periodic.Filter{}, 0, 10)
			return len(rows), err
		},
		"count": func(ctx context.Context, s *periodic.Schedules, _ int64) (any, error) {
			return s.Count(ctx, root, periodic.Filter{})
		},
		"preview": func(ctx context.Context, s *periodic.Schedules, id int64) (any, error) {
			p, err := s.Preview(ctx, root, id, hourly)
			return p, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				answer, err := operation(t.Context(), newSchedules(db), made.ID)
				return fmt.Sprint(answer), err
			})
		})
	}
}
