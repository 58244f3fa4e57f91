package job

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task"
	"roster/internal/user"
)

// Idle lists users that have been inactive for a long time.
type Idle interface {
	// ListIdle returns the ids of up to limit inactive users last changed
	// before that time, in ascending order after above.
	ListIdle(ctx context.Context, before time.Time, after int64, limit int) ([]int64, error)
}

// Remover counts and deletes users; *user.Users does.
type Remover interface {
	// Extent returns how many users match q, and the highest id; see
	// user.Users.
	Extent(ctx context.Context, actor access.Actor, q user.Query) (count, through int64, err error)
	// DeleteIf deletes a user if the condition holds in the same transaction,
	// and reports whether it did; see user.Users.
	DeleteIf(ctx context.Context, actor access.Actor, id int64, holds func(user.User) bool) (bool, error)
}

const (
	cleanup = "cleanup_inactive_users"

	standardDays  = 365
	maxDays       = 36_500 // limits overflow of the date computation
	standardLimit = 1000
	standardShare = 5 // percent
	cleanupBatch  = 200
)

// CleanupArgs are the arguments of cleanup_inactive_users.
type CleanupArgs struct {
	Days     *int  `json:"days"`      // days without activity or change; 1 to 36500, default 365
	DryRun   *bool `json:"dry_run"`   // only report; default true
	Limit    *int  `json:"limit"`     // maximum number of users to delete; default 1000
	MaxShare *int  `json:"max_share"` // percentage of all users above which nothing is deleted; default 5
}

// Needs implements task.Guarded. A dry run reveals how many users there are.
func (CleanupArgs) Needs() []access.Permission {
	return []access.Permission{access.ViewUser, access.DeleteUser}
}

// Check implements task.Checker.
func (a CleanupArgs) Check() error {
	if valueOr(a.Days, 1) < 1 || valueOr(a.Limit, 1) < 1 {
		return fault.New(fault.Invalid, "The arguments days and limit must be at least 1.")
	}
	if valueOr(a.Days, 1) > maxDays {
		return fault.New(fault.Invalid, fmt.Sprintf("The argument days must be at most %d.", maxDays))
	}
	if share := valueOr(a.MaxShare, 0); share < 0 || share > 100 {
		return fault.New(fault.Invalid, "The argument max_share must be from 0 to 100.")
	}
	return nil
}

// CleanupResult is the result of cleanup_inactive_users.
type CleanupResult struct {
	Found   int64 `json:"found"` // up to the limit
	Removed int64 `json:"removed"`
	Kept    int64 `json:"kept,omitempty"` // rows of other tables refer to them
	DryRun  bool  `json:"dry_run"`
}

// CleanupInactiveUsers returns the kind cleanup_inactive_users, which deletes
// users that have been inactive for a long time. It changes nothing unless
// dry_run is false, and refuses to delete more than a share of all users, which
// is more likely a mistake. Every deletion is audited.
func CleanupInactiveUsers(users Remover, idle Idle, now func() time.Time) task.Kind {
	k := task.Kind{
		Name: cleanup, Version: 1, Timeout: time.Hour, Concurrency: 1,
		Summary: "Deletes users that have been inactive for a long time; a dry run only counts them.", Example: `{"days": 365, "dry_run": true}`,
	}
	return task.Define(k,
		func(ctx context.Context, job *task.Job, args CleanupArgs) (any, error) {
			days, limit := valueOr(args.Days, standardDays), valueOr(args.Limit, standardLimit)
			c := cleaning{users: users, idle: idle, job: job, before: now().AddDate(0, 0, -days), limit: int64(limit)}
			if c.result.DryRun = valueOr(args.DryRun, true); !c.result.DryRun {
				c.goOn(job.Task.Done)
			}
			if err := c.check(ctx, int64(valueOr(args.MaxShare, standardShare))); err != nil {
				return nil, err
			}
			if !c.result.DryRun {
				if err := c.each(ctx, c.remove); err != nil {
					return nil, err
				}
			}
			return c.result, nil
		})
}

func valueOr[T any](value *T, standard T) T {
	if value == nil {
		return standard
	}
	return *value
}

// cleaning is a run of cleanup_inactive_users.
type cleaning struct {
	users  Remover
	idle   Idle
	job    *task.Job
	before time.Time
	limit  int64 // remaining deletions
	gone   int64 // in earlier runs
	result CleanupResult
}

// goOn counts deletions by earlier runs of the task, taken from the progress,
// towards the limits.
func (c *cleaning) goOn(gone int64) {
	c.gone = gone
	c.limit -= gone
	c.result.Found, c.result.Removed = gone, gone
}

// check counts the users to delete, and fails if there are too many.
func (c *cleaning) check(ctx context.Context, share int64) error {
	total, _, err := c.users.Extent(ctx, system(cleanup), user.Query{})
	if err != nil {
		return err
	}
	total += c.gone
	err = c.each(ctx, func(context.Context, int64) error {
		c.result.Found++
		return nil
	})
	if err == nil && !c.result.DryRun && c.result.Found*100 > share*total {
		err = fault.New(fault.Unprocessable, fmt.Sprintf("This would delete %d of %d users, more than %d %%. Set max_share to allow that.",
			c.result.Found, total, share))
	}
	return err
}

// each calls fn for the users to delete, up to the limit.
func (c *cleaning) each(ctx context.Context, fn func(ctx context.Context, id int64) error) error {
	for after, left := int64(0), c.limit; left > 0; {
		ids, err := c.idle.ListIdle(ctx, c.before, after, int(min(left, cleanupBatch)))
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := fn(ctx, id); err != nil {
				return err
			}
			after = id
			left--
		}
	}
	return nil
}

func (c *cleaning) remove(ctx context.Context, id int64) error {
	removed, err := c.users.DeleteIf(ctx, causer(c.job.Task), id, func(u user.User) bool {
		return !u.IsActive && u.UpdatedAt.Before(c.before) && !u.Unreadable.Any()
	})
	switch fault.KindOf(err) {
	case fault.NotFound:
		return nil // already deleted
	case fault.Conflict:
		c.result.Kept++
		return nil
	}
	if removed {
		c.result.Removed++
	}
	c.job.Progress(c.result.Removed, c.result.Found)
	return err
}
