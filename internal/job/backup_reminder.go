package job

import (
	"context"
	"time"

	"roster/internal/task"
)

// ReminderArgs are the arguments of backup_reminder.
type ReminderArgs struct {
	Recipients []string `json:"recipients"` // who is reminded by mail
}

// Check implements task.Checker.
func (a ReminderArgs) Check() error { return checkRecipients(a.Recipients) }

// ReminderResult is what backup_reminder says.
type ReminderResult struct {
	Last *time.Time `json:"last"` // null: never
}

// BackupReminder returns the kind backup_reminder: it says when the last good
// backup was made, as last tells; the zero value: never.
func BackupReminder(last func(ctx context.Context) (MadeBackup, error), mailer Mailer, now func() time.Time) task.Kind {
	return task.Define(task.Kind{Name: "backup_reminder", Version: 1},
		func(ctx context.Context, job *task.Job, args ReminderArgs) (any, error) {
			found, err := last(ctx)
			if err != nil {
				return nil, err
			}
			var r ReminderResult
			if !found.Created.IsZero() {
				r.Last = &found.Created
			}
			return r, sendEach(ctx, job, args.Recipients, func(id, to string) error {
				return mailer.SendBackupReminder(ctx, id, to, found, now())
			})
		})
}
