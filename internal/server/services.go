package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"time"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/config"
	"roster/internal/job"
	"roster/internal/lang"
	"roster/internal/logging"
	"roster/internal/store"
	"roster/internal/subject"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// Process is shared by the services of a process.
type Process struct {
	Config  config.Config // valid
	Version string        // of Roster
	Console io.Writer     // receives mail with EMAIL_BACKEND=console

	logs    *logging.Logs // nil: nothing is logged
	monitor *monitor      // nil: nothing is counted

	languages *lang.Catalog // nil: English
}

// logger returns the logger of a component.
func (p *Process) logger(component string) *slog.Logger {
	if p.logs == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.logs.For(component)
}

// Services are all services on one database. They are safe for concurrent use.
type Services struct {
	Store         *store.Store
	Kinds         *task.Registry
	Users         *user.Users
	Trash         *user.Trash
	Subscriptions *user.Subscriptions
	Tasks         *task.Tasks
	Schedules     *periodic.Schedules
	Mailings      *job.Mailings
	Reports       *job.KeptReports
	Mails         *job.Mails
	Accounts      *auth.Accounts
	Groups        *auth.Groups
	Factors       *auth.Factors
	Sessions      *auth.Sessions
	LoginRates    auth.LoginRates
	Tokens        *auth.APITokens
	First         *auth.First
	Links         *auth.PasswordLinks
	Basic         *auth.BasicAuth // nil with API_BASIC_AUTH=false
	Identities    *auth.Identities
	JWTs          *auth.JWTs

	process *Process
	mailer  Mailer
	mails   *jobMail
	links   chan struct{} // limits mails with a secret link, in flight
}

// Open opens a database for a command and creates the services. It waits
// DB_WAIT for a MySQL server, refuses a database that lacks migrations, and
// creates no file. Call Close when done.
func Open(ctx context.Context, p Process) (*Services, error) {
	db, err := openUpToDate(ctx, &p)
	if err != nil {
		return nil, err
	}
	return newServices(db, &p)
}

// newServices creates the services, which own db.
func newServices(db *store.Store, p *Process) (*Services, error) {
	s := &Services{Store: db, process: p, mailer: p.monitor.mail(NewMailer(p.Config, p.Console))}
	s.Users = user.NewUsers(db, time.Now, p.logger("users"))
	limits, err := db.UserLimits(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.Users.Within(limits)
	if p.Config.TrashKeepDays > 0 {
		s.Users.KeepDeleted()
	}
	s.Trash = user.NewTrash(db, s.Users, time.Now, p.logger("users"))
	if p.Config.WelcomeEmail {
		s.Users.AfterCreate(job.Welcome)
	}
	if err := errors.Join(s.addTasks(), s.addStaff()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// TaskKinds returns the names of the kinds of tasks.
func TaskKinds() []string { return job.Kinds(job.Services{}).Names() }

// addTasks creates the services for background tasks.
func (s *Services) addTasks() error {
	p, kept := s.process, s.Store
	if p.Config.SiteAddress() != "" { // links need a key
		if err := p.Config.EnsureSecretKey(); err != nil {
			return err
		}
	}
	keys := auth.NewKeys(p.Config.SecretKey.Reveal(), p.Config.OlderKeys()...)
	s.Subscriptions = user.NewSubscriptions(kept, keys, time.Now, p.logger("users"))
	mails, err := newJobMail(p.Config, s.mailer, s.Subscriptions.Token)
	if err != nil {
		return err
	}
	s.mails, s.links = mails, make(chan struct{}, maxLinkMails)
	if p.Config.SecurityNotices {
		kept.OnRecord(job.SecurityNotices(keys))
	}
	s.Kinds = job.Kinds(job.Services{
		Users:    s.Users,
		Store:    kept,
		Accounts: kept,
		Keys:     keys,
		Mailer:   mails,
		Backups:  &backups{db: s.Store, process: p},
		Zone:     p.Config.Location(),
		Now:      time.Now,
	})
	s.Tasks = task.NewTasks(kept, s.Kinds, time.Now, p.logger("tasks"))
	s.Mailings = job.NewMailings(s.Tasks, s.Users, kept)
	s.Schedules = periodic.NewSchedules(kept, s.Kinds, time.Now, p.logger("tasks"))
	s.Reports = job.NewKeptReports(kept)
	s.Mails = job.NewMails(kept)
	return nil
}

// addStaff creates the services for staff accounts.
func (s *Services) addStaff() error {
	p, kept := s.process, s.Store
	algorithm, err := password.ParseAlgorithm(p.Config.PasswordHasher)
	if err != nil {
		return err
	}
	log, limiter := p.logger("auth"), password.NewLimiter(password.NewHasher(algorithm), runtime.GOMAXPROCS(0), hashMemory())
	keys := auth.NewKeys(p.Config.SecretKey.Reveal(), p.Config.OlderKeys()...)
	rates := auth.DefaultLoginRates()
	rates.Account = auth.Rate(p.Config.ThrottleLogin)
	s.LoginRates = rates
	s.Accounts = auth.NewAccounts(kept, limiter, auth.NewValidators(p.Config.PasswordMinLength), time.Now, log)
	s.Groups = auth.NewGroups(kept, time.Now, log)
	s.Factors = auth.NewFactors(kept, keys, time.Now, log)
	s.First = auth.NewFirst(s.Accounts, keys)
	s.Tokens = auth.NewAPITokens(kept, time.Now, log)
	s.Sessions = auth.NewSessions(kept, auth.SessionOptions{
		Limiter:     limiter,
		Throttle:    auth.NewLoginThrottle(kept, rates, time.Now),
		Failures:    kept,
		Keys:        keys,
		RequireTOTP: p.Config.RequireTOTP,
		Now:         time.Now,
		Log:         log,
		Tried:       p.monitor.triedLogin,
	})
	s.Links = auth.NewPasswordLinks(s.Accounts, s.Sessions)
	if p.Config.APIBasicAuth {
		s.Basic = auth.NewBasicAuth(s.Sessions)
	}
	s.Identities = auth.NewIdentities(s.Sessions)
	s.JWTs = newJWTs(s.Sessions, keys, &p.Config, log)
	return nil
}

// Trail returns the audit trail, sealed with SECRET_KEY. If that is not set,
// Trail creates a key in a file beside the database.
func (s *Services) Trail() (*audit.Trail, error) {
	c := &s.process.Config
	if err := c.EnsureSecretKey(); err != nil {
		return nil, err
	}
	return audit.NewTrail(s.Store, audit.NewChain(c.SecretKey.Reveal(), c.OlderKeys()...), s.process.logger("audit")), nil
}

// Records returns what is kept about users; trail is that of Trail.
func (s *Services) Records(trail *audit.Trail) *subject.Records {
	return subject.NewRecords(s.Users, s.Subscriptions, trail, s.Tasks, s.Mails)
}

// Close closes the connections to the mail server and the database. It may be
// called repeatedly.
func (s *Services) Close() error { return errors.Join(s.mailer.Close(), s.Store.Close()) }
