package job

import (
	"time"

	"roster/internal/auth"
	"roster/internal/task"
	"roster/internal/user"
)

// Services are the dependencies of the kinds of tasks.
type Services struct {
	Users    *user.Users
	Store    Store
	Accounts Accounts
	Keys     auth.Keys // seal addresses in arguments
	Mailer   Mailer
	Backups  Backups
	Zone     *time.Location // for the days of reports
	Now      func() time.Time
}

// Store stores the data of the kinds, other than users. It is safe for
// concurrent use.
type Store interface {
	Idle
	Reports
	Deliveries
}

// Kinds returns every kind of task.
func Kinds(s Services) *task.Registry {
	return task.NewRegistry(
		Backup(s.Backups),
		BackupReminder(s.Backups, s.Store, s.Mailer, s.Now),
		BulkNotification(s.Users, s.Store, s.Mailer, s.Now),
		CleanupInactiveUsers(s.Users, s.Store, s.Now),
		DailyReport(s.Users, s.Store, s.Mailer, s.Zone, s.Now),
		Noop(),
		SecurityNotice(s.Accounts, s.Keys, s.Mailer),
		WelcomeEmail(s.Users, s.Mailer),
	)
}
