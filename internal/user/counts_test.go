package user_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"roster/internal/user"
)

// slow is a store that takes its time to count.
type slow struct {
	user.Store

	takes time.Duration
	now   time.Time
	times int
}

func (s *slow) CountUsers(ctx context.Context, q user.Query) (int64, error) {
	s.now = s.now.Add(s.takes)
	s.times++
	return s.Store.CountUsers(ctx, q)
}

func TestLook_KeepsSlowCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes, later time.Duration
		counts       int
	}{
		"quick":                       {19 * time.Millisecond, 0, 2},
		"slow":                        {20 * time.Millisecond, 0, 1},
		"slow, a hundred times later": {20 * time.Millisecond, 1980 * time.Millisecond, 2},
		"slow, shortly before":        {20 * time.Millisecond, 1979 * time.Millisecond, 1},
		"very slow, a minute later":   {3 * time.Second, 57 * time.Second, 2},
		"very slow, shortly before":   {3 * time.Second, 56 * time.Second, 1},
		"the clock was put back":      {3 * time.Second, -time.Hour, 2},
	} {
		_, counted := newCounted(t, time.Now)
		db := &slow{Store: counted, takes: c.takes, now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
		users := user.NewUsers(db, func() time.Time { return db.now }, slog.New(slog.DiscardHandler))
		for range 2 {
			if got, _, err := users.Look(t.Context(), everybody, user.Query{}, user.Window{Limit: 1}); err != nil || got != (user.Counts{}) {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
			db.now = db.now.Add(c.later)
		}
		if db.times != c.counts {
			t.Errorf("%s: counted %d times, want %d", name, db.times, c.counts)
		}
	}
}
