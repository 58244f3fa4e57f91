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
	Subject string      `json:"subject"`
	Message string      `json:"message"`
	Filter  *BulkFilter `json:"user_filter"` // nil: active users
	Rate    int         `json:"per_minute"`  // maximum messages per minute; 0: unlimited
}

// BulkFilter selects users to notify; active ones by default.
type BulkFilter struct {
	Search   string `json:"search"`
	Filter   string `json:"filter"` // see user.ParseFilter
	IsActive *bool  `json:"is_active"`
}

// Query returns the users to notify. The error is Invalid.
func (a BulkArgs) Query() (user.Query, error) {
	given := map[string]string{"is_active": "true"}
	if a.Filter != nil {
		given["search"], given["filter"] = a.Filter.Search, a.Filter.Filter
		if a.Filter.IsActive != nil {
			given["is_active"] = strconv.FormatBool(*a.Filter.IsActive)
		}
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
	_, err := a.Query()
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
			query, err := args.Query()
			if err != nil {
				return nil, err
			}
			m := mailing{deliveries: deliveries, now: now, job: job, rate: args.Rate}
			m.plan = func(ctx context.Context, limit int) (int64, error) {
				return deliveries.PlanDeliveries(ctx, job.Task.ID, query, limit)
			}
			m.send = func(ctx context.Context, d Delivery) (DeliveryState, error) {
				u, state, err := subscriber(ctx, users, deliveries, d.UserID)
				if err != nil || state != Sent {
					return state, err
				}
				return Sent, mailer.SendNotification(ctx, messageID(job.Task, d.ID), u, args.Subject, args.Message)
			}
			counts, err := m.run(ctx, job.Task.Total > 0)
			if err != nil {
				return nil, err
			}
			counts[Sent] += 0 // reported even if the filter matched no user
			return counts, nil
		})
}

// subscriber returns the user to send a message to, and Sent, or another final
// state.
func subscriber(ctx context.Context, users Users, deliveries Deliveries, id int64) (user.User, DeliveryState, error) {
	u, err := users.Find(ctx, access.System(bulkNotification), id)
	if fault.KindOf(err) == fault.NotFound {
		return u, Gone, nil
	}
	if err != nil {
		return u, Waiting, err
	}
	unsubscribed, err := deliveries.IsUnsubscribed(ctx, id)
	if unsubscribed {
		return u, OptedOut, err
	}
	return u, Sent, err
}
