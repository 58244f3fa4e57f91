package server

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/audit"
	"roster/internal/task"
)

// maxBlocked is the number of blocked logins up to which they are counted.
const maxBlocked = 1000

// home returns the function that loads the home page of the admin site.
func home(s *Services, trail *audit.Trail, now func() time.Time) func(context.Context, access.Actor) (site.Home, error) {
	return resources.Home(resources.HomeSources{
		Users: s.Users, Tasks: s.Tasks, Schedules: s.Schedules, Trail: trail, Mailings: s.Mailings, Now: now,
		LastBackup: func(ctx context.Context) (time.Time, error) {
			b, err := s.Store.LastBackup(ctx)
			return b.Created, err
		},
		Late: func(ctx context.Context, by time.Duration) (n int, err error) {
			all, err := task.ListPunctuality(ctx, s.Store, s.Kinds)
			for _, p := range all {
				if p.Late >= by {
					n++
				}
			}
			return n, err
		},
		Blocked: func(ctx context.Context) (sum int64, err error) {
			for _, kind := range s.LoginRates.Kinds() {
				n, err := s.Store.CountBlocked(ctx, now(), kind, maxBlocked)
				if err != nil {
					return 0, err
				}
				sum += n
			}
			return sum, nil
		},
	})
}
