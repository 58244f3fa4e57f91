package job

import (
	"context"
	"time"

	"roster/internal/task"
)

// BackupArgs are the arguments of backup_reminder.
type BackupArgs struct {
	Recipients []string `json:"recipients"` // who is reminded by mail
}

// Check implements task.Checker.
func (a BackupArgs) Check() error { return checkRecipients(a.Recipients) }

// BackupResult is what backup_reminder says.
type BackupResult struct {
	Last *time.Time `json:"last"` // null: never
}

// BackupReminder returns the kind backup_reminder: it says when the last backup
// was made, as last tells; zero: never.
func BackupReminder(last func(ctx context.Context) (time.Time, error), mailer Mailer, now func() time.Time) task.Kind {
	return task.Define(task.Kind{Name: "backup_reminder", Version: 1},
		func(ctx context.Context, job *task.Job, args BackupArgs) (any, error) {
			at, err := last(ctx)
			if err != nil {
				return nil, err
			}
			var r BackupResult
			if !at.IsZero() {
				r.Last = &at
			}
			return r, sendEach(ctx, job, args.Recipients, func(id, to string) error {
				return mailer.SendBackupReminder(ctx, id, to, at, now())
			})
		})
}
