package cli

import (
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
	return job.Kinds(job.Services{
		Users:   user.NewUsers(db, time.Now, log),
		Store:   db.Tasks(),
		Mailer:  mails,
		Backups: &backups{db: db, conf: conf, log: log},
		Zone:    conf.Location(),
		Now:     time.Now,
	}), out.Close, nil
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
