package job

import (
	"time"

	"roster/internal/task"
	"roster/internal/user"
)

// Services are what the kinds of tasks work with.
type Services struct {
	Users   *user.Users
	Store   Store
	Mailer  Mailer
	Backups Backups
	Zone    *time.Location // of the days of reports
	Now     func() time.Time
}

// Store keeps what the kinds work on, beside users. It is safe for concurrent
// use.
type Store interface {
	Idle
	Reports
	Deliveries
}

// Kinds returns every kind of task.
func Kinds(s Services) *task.Registry {
	return task.NewRegistry(
		Backup(s.Backups),
		BackupReminder(s.Backups, s.Mailer, s.Now),
		BulkNotification(s.Users, s.Store, s.Mailer, s.Now),
		CleanupInactiveUsers(s.Users, s.Store, s.Now),
		DailyReport(s.Users, s.Store, s.Mailer, s.Zone, s.Now),
		Noop(),
		WelcomeEmail(s.Users, s.Mailer),
	)
}
