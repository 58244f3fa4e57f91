package job

import (
	"context"
	"encoding/json"
	"time"

	"roster/internal/access"
)

// Mail is the message of a mailing to one user.
type Mail struct {
	Delivery

	TaskID  int64
	At      time.Time // of the last change of its state
	Subject string    // "" if the task was deleted
}

// MailStore reads the messages of mailings. Implementations are safe for concurrent
// use, and return errors of package fault.
type MailStore interface {
	// ListMails returns up to limit messages to a user, by descending id, with ids
	// less than below, if that is not 0. Subject has the arguments of the task.
	ListMails(ctx context.Context, userID, below int64, limit int) ([]Mail, error)
}

// Mails lists the messages of mailings. It is safe for concurrent use.
type Mails struct{ store MailStore }

// NewMails returns the service on that store.
func NewMails(store MailStore) *Mails { return &Mails{store} }

// Of returns up to limit messages to a user, newest first, with ids less than below,
// if that is not 0. The actor must be allowed to view tasks.
func (m *Mails) Of(ctx context.Context, actor access.Actor, userID, below int64, limit int) ([]Mail, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	found, err := m.store.ListMails(ctx, userID, below, limit)
	for i := range found {
		found[i].Subject = subjectOf(found[i].Subject)
	}
	return found, err
}

// subjectOf returns the argument subject of a task, "" without one.
func subjectOf(args string) string {
	var given struct {
		Subject string `json:"subject"`
	}
	if err := json.Unmarshal([]byte(args), &given); err != nil {
		return ""
	}
	return given.Subject
}
