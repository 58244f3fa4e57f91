package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/mail"
	"roster/internal/task"
	"roster/internal/user"
)

// composer is the admin.Composer of the services.
type composer struct{ *Services }

// testTimeout is how long sending a test may take.
const testTimeout = 30 * time.Second

// Recipients implements admin.Composer.
func (c composer) Recipients(ctx context.Context, actor access.Actor, m job.BulkArgs, limit int) (int64, []user.User, error) {
	return c.Mailings.Recipients(ctx, actor, m, limit)
}

// Render implements admin.Composer.
func (c composer) Render(to user.User, m job.BulkArgs) (text, html string, err error) {
	message, err := c.mails.templates.Render(c.notification(to, m, c.mails.unsubscribe(to.ID)))
	if err != nil {
		return "", "", fault.Wrap(fault.Unprocessable, "The template of the message cannot be used.", err)
	}
	return message.Text, message.HTML, nil
}

func (c composer) notification(to user.User, m job.BulkArgs, unsubscribe string) mail.Notification {
	return mail.Notification{Name: calledName(to), Subject: m.Subject, Message: m.Message, Unsubscribe: unsubscribe}
}

// SendTest implements admin.Composer.
func (c composer) SendTest(ctx context.Context, actor access.Actor, address string, to user.User, m job.BulkArgs) error {
	if err := actor.Check(access.MailUser); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	return c.mails.send(ctx, "test-"+rand.Text(), address, c.notification(to, m, ""))
}

// startedLife is how long a form is known to have started a mailing.
const startedLife = 24 * time.Hour

// Start implements admin.Composer.
func (c composer) Start(ctx context.Context, actor access.Actor, key string, m job.BulkArgs, at time.Time) (id int64, started bool, err error) {
	args, err := json.Marshal(m)
	if err != nil {
		return 0, false, fault.Wrap(fault.Invalid, "The message cannot be written.", err)
	}
	use := auth.Use{Key: fmt.Sprintf("mailing:%d:%s", actor.ID(), key), Rate: auth.Rate{Limit: 1, Window: startedLife}}
	now := time.Now()
	if wait, err := c.Store.Take(ctx, now, use); err != nil || wait > 0 {
		return 0, false, err
	}
	id, err = c.Tasks.StartAt(ctx, actor, task.Order{Kind: job.MailingKind, Args: args, At: at})
	if err != nil {
		_ = c.Store.GiveBack(ctx, now, use) // another form can still start it
	}
	return id, err == nil, err
}
