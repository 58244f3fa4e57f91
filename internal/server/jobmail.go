package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/internal/admin"
	"roster/internal/auth"
	"roster/internal/config"
	"roster/internal/job"
	"roster/internal/mail"
	"roster/internal/user"
	"roster/internal/web"
)

// jobMail is the job.Mailer of the settings.
type jobMail struct {
	mailer    Mailer
	templates *mail.Templates
	domain    string // of the messages' ids
	site      string // address of this site, "" if unknown
	token     func(userID int64) string
}

// newJobMail returns the mailer of the kinds of tasks. token returns the token of a
// user's link to unsubscribe, "" for none.
func newJobMail(conf config.Config, out Mailer, token func(userID int64) string) (*jobMail, error) {
	templates, err := MailTemplates(conf)
	return &jobMail{mailer: out, templates: templates, domain: mail.SenderDomain(conf.DefaultFromEmail), site: conf.SiteAddress(), token: token}, err
}

func (j *jobMail) send(ctx context.Context, id, to string, m mail.Mail) error {
	message, err := j.templates.Render(m)
	if err != nil {
		return err
	}
	message.To, message.ID = to, id+"@"+j.domain
	return undelivered(j.mailer.Send(ctx, message))
}

// undelivered returns the error of a mailer as one that names the obstacle, and
// the settings that may cause it.
func undelivered(err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return err
	}
	if advice := failed.Advice(); advice != "" {
		err = fmt.Errorf("%w%s", err, advice)
	}
	return &job.Undelivered{Obstacle: obstacle(failed), Err: err}
}

func obstacle(failed *mail.SendError) job.Obstacle {
	switch {
	case failed.Origin == mail.OfRecipient && failed.State == mail.Refused:
		return job.Rejected
	case failed.State == mail.Unknown, failed.State == mail.Deferred && (failed.Origin == mail.OfRecipient || failed.Origin == mail.OfMessage):
		return job.Deferred
	case failed.Origin == mail.OfServer:
		return job.Unreachable
	}
	return job.Blocked
}

// SendWelcome implements job.Mailer.
func (j *jobMail) SendWelcome(ctx context.Context, id string, to user.User) error {
	return j.send(ctx, id, to.Email, mail.Welcome{Username: to.Username, Name: calledName(to), Email: to.Email})
}

// SendNotification implements job.Mailer.
func (j *jobMail) SendNotification(ctx context.Context, id string, to user.User, subject, message string) error {
	return j.send(ctx, id, to.Email, mail.Notification{Name: calledName(to), Subject: subject, Message: message, Unsubscribe: j.unsubscribe(to.ID)})
}

// unsubscribe returns the link with which a user unsubscribes, "" if this site has
// no known address or no key.
func (j *jobMail) unsubscribe(userID int64) string {
	if j.site == "" {
		return ""
	}
	if token := j.token(userID); token != "" {
		return j.site + web.UnsubscribePath + token + "/"
	}
	return ""
}

// calledName returns the first name, or the username if that is empty.
func calledName(u user.User) string {
	if u.FirstName.String != "" {
		return u.FirstName.String
	}
	return u.Username
}

// SendSecurityNotice implements job.Mailer.
func (j *jobMail) SendSecurityNotice(ctx context.Context, id, username string, n auth.Notice) error {
	text := noticeTexts[n.Event]
	if n.From != "" {
		text += " It is " + admin.BrowserOf(n.Agent) + " at the address " + n.From + "."
	}
	return j.send(ctx, id, n.To, mail.SecurityNotice{Username: username, Change: text, At: n.At.UTC().Format("2006-01-02 15:04 UTC")})
}

var noticeTexts = map[auth.Event]string{
	auth.PasswordChanged: "The password was changed.",
	auth.EmailChanged:    "The e-mail address was changed.",
	auth.FactorAdded:     "A second factor was added.",
	auth.FactorRemoved:   "A second factor was removed.",
	auth.CodesRenewed:    "New recovery codes were generated.",
	auth.TokenCreated:    "An API token was created.",
	auth.NewDevice:       "A new device logged in.",
}

// SendReport implements job.Mailer.
func (j *jobMail) SendReport(ctx context.Context, id, to string, r job.Report) error {
	m := mail.Report{Date: r.Day, Total: int(r.Total), Active: int(r.Active), Inactive: int(r.Inactive), New: int(r.New)}
	for _, day := range r.Trend {
		m.Trend = append(m.Trend, mail.Day{Date: day.Day, New: int(day.New)})
	}
	return j.send(ctx, id, to, m)
}

// SendBackupReminder implements job.Mailer.
func (j *jobMail) SendBackupReminder(ctx context.Context, id, to string, last job.MadeBackup, now time.Time) error {
	m := mail.BackupReminder{Last: last.Created, File: last.File}
	if !last.Created.IsZero() {
		m.Days = int(now.Sub(last.Created) / (24 * time.Hour))
	}
	return j.send(ctx, id, to, m)
}
