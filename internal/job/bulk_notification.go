package job

import (
	"context"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task"
	"roster/internal/user"
)

const bulkNotification = "send_bulk_notification"

// BulkArgs are the arguments of send_bulk_notification.
type BulkArgs struct {
	Subject string     `json:"subject"`
	Message string     `json:"message"`
	Filter  BulkFilter `json:"user_filter"`
	Rate    int        `json:"per_minute"` // maximum messages per minute; 0: unlimited
}

// BulkFilter selects users to notify; active ones by default.
type BulkFilter struct {
	Search   string `json:"search"`
	IsActive *bool  `json:"is_active"`
}

// query returns the filter.
func (a BulkArgs) query() (user.Query, error) {
	given := map[string]string{"search": a.Filter.Search, "is_active": "true"}
	if a.Filter.IsActive != nil {
		given["is_active"] = strconv.FormatBool(*a.Filter.IsActive)
	}
	return user.ParseQuery(func(name string) string { return given[name] })
}

// Needs implements task.Guarded.
func (BulkArgs) Needs() []access.Permission { return []access.Permission{access.MailUser} }

// Check implements task.Checker.
func (a BulkArgs) Check() error {
	if strings.TrimSpace(a.Subject) == "" || strings.TrimSpace(a.Message) == "" || a.Rate < 0 {
		return fault.New(fault.Invalid, "The arguments subject and message are required, and per_minute must not be negative.")
	}
	_, err := a.query()
	return err
}

// BulkNotification returns the kind send_bulk_notification, which sends a
// message to every user that matches a filter, one mail each. Sent messages are
// recorded, so that a run continues where the previous one ended, for whatever
// reason: retry a canceled or dead task to send the rest. Only messages in
// progress when a worker is lost are sent twice, with the same id. A mailing that
// waits for its rate, or for recipients to be tried again, leaves its slot to
// other tasks.
func BulkNotification(users Users, deliveries Deliveries, mailer Mailer, now func() time.Time) task.Kind {
	k := task.Kind{
		Name: bulkNotification, Version: 1, Timeout: 24 * time.Hour, MaxAttempts: 10, MaxCrashes: 20, Backoff: time.Minute, Concurrency: 2, Mailing: true,
		Summary: "Mails a message to every user that matches the filter.",
		Example: `{"subject": "Maintenance", "message": "We are back at noon.", "user_filter": {"is_active": true}, "per_minute": 0}`,
	}
	return task.Define(k,
		func(ctx context.Context, job *task.Job, args BulkArgs) (any, error) {
			b := bulk{users: users, deliveries: deliveries, mailer: mailer, now: now, job: job, args: args}
			return b.run(ctx)
		})
}
