package cli

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/config"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
	"roster/internal/user"
)

// newKinds returns the kinds of tasks that this program knows. Their mail goes
// out; closeMail lets go of it.
func newKinds(db *store.Store, conf config.Config, log *slog.Logger, out mailer) (kinds *task.Registry, closeMail func() error, err error) {
	mails, err := newJobMail(conf, out)
	if err != nil {
		return nil, nil, err
	}
	users := user.NewUsers(db, time.Now, log)
	return task.NewRegistry(
		job.Noop(),
		job.WelcomeEmail(users, mails),
		job.CleanupInactiveUsers(cleaned{users, db}, time.Now),
		job.DailyReport(users, db.Tasks(), mails, conf.Location(), time.Now),
		job.BulkNotification(users, db.Tasks(), mails, time.Now),
		job.Backup(&backupMaker{db: db, conf: conf, log: log}),
		job.BackupReminder(lastBackup(db), mails, time.Now),
	), out.Close, nil
}

// lastBackup returns what tells of the newest backup that was read back.
func lastBackup(db *store.Store) func(context.Context) (job.MadeBackup, error) {
	return func(ctx context.Context) (job.MadeBackup, error) {
		b, err := db.LastBackup(ctx)
		return job.MadeBackup{Created: b.Created, File: b.Path, Bytes: b.Bytes, Rows: b.Rows}, err
	}
}

// cleaned is a job.Cleaned.
type cleaned struct {
	*user.Users
	store *store.Store
}

// Count implements job.Cleaned.
func (c cleaned) Count(ctx context.Context) (int64, error) {
	return c.store.CountUsers(ctx, user.Query{})
}

// ListIdle implements job.Cleaned.
func (c cleaned) ListIdle(ctx context.Context, before time.Time, after int64, limit int) ([]int64, error) {
	return c.store.Tasks().ListIdle(ctx, before, after, limit)
}

// newUsers returns the service, whose creates have users greeted by e-mail when
// the settings say so.
func newUsers(db *store.Store, conf config.Config, log *slog.Logger) *user.Users {
	users := user.NewUsers(db, time.Now, log)
	if conf.WelcomeEmail {
		users.AfterCreate(job.Welcome)
	}
	return users
}
