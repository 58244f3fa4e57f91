package job

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/phrase"
	"roster/internal/task"
	"roster/internal/user"
)

const (
	bulkNotification = "send_bulk_notification"

	planBatch = 1000
	// sendBatch is how many messages are in progress at a time, and so how many
	// may be sent twice if a worker is killed.
	sendBatch = 8
)

// DeliveryState is the outcome of a message to one recipient.
type DeliveryState string

// The states. All but Waiting and Sending are final.
const (
	Waiting DeliveryState = "waiting" // to be sent, or retried
	Sending DeliveryState = "sending" // in progress, or interrupted: sent again with the same id
	Sent    DeliveryState = "sent"
	Bounced DeliveryState = "bounced" // will never be delivered
	Gone    DeliveryState = "gone"    // the user was deleted
)

// Delivery is the message of a task to one user.
type Delivery struct {
	ID     int64
	UserID int64
	State  DeliveryState
	Error  string // last error
}

// Deliveries stores deliveries. Implementations are safe for concurrent use,
// and return errors of package fault.
type Deliveries interface {
	// PlanDeliveries creates waiting deliveries of a task for the next up to
	// limit users that match q, by id after those that have one. It returns
	// their number.
	PlanDeliveries(ctx context.Context, taskID int64, q user.Query, limit int) (int64, error)
	// TakeDeliveries returns up to limit waiting or interrupted deliveries of a
	// task, with ids greater than after in ascending order, and marks them
	// Sending.
	TakeDeliveries(ctx context.Context, taskID, after int64, limit int, at time.Time) ([]Delivery, error)
	// SaveDeliveries stores state and error of deliveries.
	SaveDeliveries(ctx context.Context, ds []Delivery, at time.Time) error
	// CountDeliveries returns the number of deliveries of a task in each state.
	CountDeliveries(ctx context.Context, taskID int64) (map[DeliveryState]int64, error)
}

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
// progress when a worker is lost are sent twice, with the same id.
func BulkNotification(users Users, deliveries Deliveries, mailer Mailer, now func() time.Time) task.Kind {
	k := task.Kind{
		Name: bulkNotification, Version: 1, Timeout: 24 * time.Hour, MaxAttempts: 10, MaxCrashes: 20, Backoff: time.Minute, Concurrency: 1,
		Summary: "Mails a message to every user that matches the filter.",
		Example: `{"subject": "Maintenance", "message": "We are back at noon.", "user_filter": {"is_active": true}, "per_minute": 0}`,
	}
	return task.Define(k,
		func(ctx context.Context, job *task.Job, args BulkArgs) (any, error) {
			b := bulk{users: users, deliveries: deliveries, mailer: mailer, now: now, job: job, args: args}
			return b.run(ctx)
		})
}

// bulk is a run of send_bulk_notification.
type bulk struct {
	users      Users
	deliveries Deliveries
	mailer     Mailer
	now        func() time.Time
	job        *task.Job
	args       BulkArgs

	total, done int64
	vain        int       // consecutive messages to be retried later
	due         time.Time // when the rate allows the next message
}

func (b *bulk) run(ctx context.Context) (any, error) {
	query, err := b.args.query()
	if err != nil {
		return nil, err
	}
	if err := b.plan(ctx, query); err != nil {
		return nil, err
	}
	failure := b.sendAll(ctx)
	counts, err := b.deliveries.CountDeliveries(ctx, b.job.Task.ID)
	if err = errors.Join(failure, err); err != nil {
		return nil, err
	}
	if left := counts[Waiting] + counts[Sending]; left > 0 {
		return nil, fault.New(fault.Unavailable, phrase.Count(left, "message")+" could not be sent yet")
	}
	result := map[DeliveryState]int64{Sent: 0} // reported even if the filter matched no user
	maps.Copy(result, counts)
	return result, nil
}

// plan creates the deliveries, unless an earlier run has created all of them,
// and determines their number.
func (b *bulk) plan(ctx context.Context, q user.Query) error {
	planned := b.job.Task.Total > 0
	for !planned {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := b.deliveries.PlanDeliveries(ctx, b.job.Task.ID, q, planBatch)
		if err != nil {
			return err
		}
		planned = n < planBatch
	}
	counts, err := b.deliveries.CountDeliveries(ctx, b.job.Task.ID)
	for state, n := range counts {
		b.total += n
		if state != Waiting && state != Sending {
			b.done += n
		}
	}
	b.job.Progress(b.done, b.total)
	return err
}

// sendAll tries every pending delivery once.
func (b *bulk) sendAll(ctx context.Context) error {
	for after := int64(0); ; {
		if err := b.pace(ctx); err != nil {
			return err
		}
		batch, err := b.deliveries.TakeDeliveries(ctx, b.job.Task.ID, after, b.batch(), b.now())
		if err != nil || len(batch) == 0 {
			return err
		}
		b.send(ctx, batch)
		// Record sent messages even if the run is about to end.
		if err := b.deliveries.SaveDeliveries(context.WithoutCancel(ctx), batch, b.now()); err != nil {
			return err
		}
		b.job.Progress(b.done, b.total)
		if b.vain >= sendBatch || b.vain > 0 && len(batch) < b.batch() {
			return fault.New(fault.Unavailable, "no message can be sent now: "+batch[0].Error)
		}
		after = batch[len(batch)-1].ID
	}
}

func (b *bulk) batch() int {
	if b.args.Rate > 0 {
		return 1
	}
	return sendBatch
}

// pace waits until the rate allows another message. It does not catch up on
// delays of a slow server.
func (b *bulk) pace(ctx context.Context) error {
	if b.args.Rate == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(b.due.Sub(b.now())):
		b.due = b.now().Add(time.Minute / time.Duration(b.args.Rate))
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send sends a batch concurrently.
func (b *bulk) send(ctx context.Context, batch []Delivery) {
	var wait sync.WaitGroup
	for i := range batch {
		wait.Go(func() { b.sendOne(ctx, &batch[i]) })
	}
	wait.Wait()
	again := 0
	for _, d := range batch {
		if d.State == Waiting {
			again++
		} else {
			b.done++
		}
	}
	if b.vain += again; again < len(batch) {
		b.vain = 0
	}
}

func (b *bulk) sendOne(ctx context.Context, d *Delivery) {
	u, err := b.users.Find(ctx, access.System(bulkNotification), d.UserID)
	if fault.KindOf(err) == fault.NotFound {
		d.State, d.Error = Gone, ""
		return
	}
	if err == nil {
		err = b.mailer.SendNotification(ctx, messageID(b.job.Task, d.ID), u, b.args.Subject, b.args.Message)
	}
	switch {
	case err == nil:
		d.State, d.Error = Sent, ""
	case fault.KindOf(err) == fault.Invalid:
		d.State, d.Error = Bounced, err.Error()
	default:
		d.State, d.Error = Waiting, err.Error()
	}
}
