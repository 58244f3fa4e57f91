package job

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/task"
)

// ReminderArgs are the arguments of backup_reminder.
type ReminderArgs struct {
	Recipients []string `json:"recipients"` // addresses to remind
}

// Needs implements task.Guarded.
func (ReminderArgs) Needs() []access.Permission { return []access.Permission{access.MailUser} }

// Check implements task.Checker.
func (a ReminderArgs) Check() error { return checkRecipients(a.Recipients) }

// ReminderResult is the result of backup_reminder.
type ReminderResult struct {
	Last *time.Time `json:"last"` // null: never
}

// BackupReminder returns the kind backup_reminder, which mails the time of the
// last good backup.
func BackupReminder(backups Backups, deliveries Deliveries, mailer Mailer, now func() time.Time) task.Kind {
	k := task.Kind{
		Name: "backup_reminder", Version: 1, MaxAttempts: 8, Backoff: 30 * time.Second, Mailing: true,
		Summary: "Mails the time of the last backup.", Example: `{"recipients": ["admin@example.com"]}`,
	}
	return task.Define(k,
		func(ctx context.Context, job *task.Job, args ReminderArgs) (any, error) {
			found, err := backups.LastBackup(ctx)
			if err != nil {
				return nil, err
			}
			var r ReminderResult
			if !found.Created.IsZero() {
				r.Last = &found.Created
			}
			return r, mailing{deliveries: deliveries, now: now, job: job}.sendEach(ctx, args.Recipients, func(id, to string) error {
				return mailer.SendBackupReminder(ctx, id, to, found, now())
			})
		})
}
