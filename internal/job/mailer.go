package job

import (
	"context"
	"fmt"
	"time"

	"roster/internal/auth"
	"roster/internal/task"
	"roster/internal/user"
)

// Mailer sends mail. Its errors are of kind Invalid for messages that will
// never be delivered, and of another kind for those that may be retried. id
// identifies the message; use the same for a retry. It is safe for concurrent
// use.
type Mailer interface {
	// SendWelcome sends a welcome mail to a new user.
	SendWelcome(ctx context.Context, id string, to user.User) error
	// SendNotification sends a user a message written by a person.
	SendNotification(ctx context.Context, id string, to user.User, subject, message string) error
	// SendReport sends a daily report to an address.
	SendReport(ctx context.Context, id, to string, r Report) error
	// SendSecurityNotice informs n.To about a staff account.
	SendSecurityNotice(ctx context.Context, id, username string, n auth.Notice) error
	// SendBackupReminder mails the time of the last backup, as of then; zero:
	// never.
	SendBackupReminder(ctx context.Context, id, to string, last MadeBackup, now time.Time) error
}

// messageID returns the id of the n-th message of a task, the same in every
// run. The time distinguishes tasks of recreated databases.
func messageID(t task.Task, n int64) string {
	return fmt.Sprintf("task-%d-%d-%d", t.At.UnixMicro(), t.ID, n)
}
