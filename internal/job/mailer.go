package job

import (
	"context"
	"fmt"
	"time"

	"roster/internal/task"
	"roster/internal/user"
)

// Mailer sends mail. Its errors are of kind Invalid for messages that will never
// be delivered, and of another for those that may be sent again. id names the
// message: whoever sends one again gives the same. It is safe for concurrent use.
type Mailer interface {
	// SendWelcome greets a user who was created.
	SendWelcome(ctx context.Context, id string, to user.User) error
	// SendNotification tells a user what a person wrote.
	SendNotification(ctx context.Context, id string, to user.User, subject, message string) error
	// SendReport sends a daily report to an address.
	SendReport(ctx context.Context, id, to string, r Report) error
	// SendBackupReminder says to an address when the last backup was made, by
	// then; zero: never.
	SendBackupReminder(ctx context.Context, id, to string, last MadeBackup, now time.Time) error
}

// messageID returns the id of the n-th message of a task, the same at every run.
// The time tells apart what databases that began anew would call alike.
func messageID(t task.Task, n int64) string {
	return fmt.Sprintf("task-%d-%d-%d", t.At.UnixMicro(), t.ID, n)
}
