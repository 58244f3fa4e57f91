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
	// sendBatch is how many messages are under way at once, and so how many may be
	// sent twice when a worker is killed.
	sendBatch = 8
)

// DeliveryState says what became of a message to one recipient.
type DeliveryState string

// The states. All but Waiting and Sending are final.
const (
	Waiting DeliveryState = "waiting" // to be sent, or again
	Sending DeliveryState = "sending" // a worker is at it, or was lost with it: sent again under the same id
	Sent    DeliveryState = "sent"
	Bounced DeliveryState = "bounced" // will never be delivered
	Gone    DeliveryState = "gone"    // the user was deleted before
)

// Delivery is the message of a task to one user.
type Delivery struct {
	ID     int64
	UserID int64
	State  DeliveryState
	Error  string // why it was not sent, the last time
}

// Deliveries keeps deliveries. Implementations are safe for concurrent use, and
// answer with errors of package fault.
type Deliveries interface {
	// PlanDeliveries makes a waiting delivery of a task for each of the next up to
	// limit users that q finds, by their ids above those that have one. It returns
	// how many that was.
	PlanDeliveries(ctx context.Context, taskID int64, q user.Query, limit int) (int64, error)
	// TakeDeliveries returns up to limit deliveries of a task that wait or were being
	// sent, with ids above after, the lowest first, and makes them Sending.
	TakeDeliveries(ctx context.Context, taskID, after int64, limit int, at time.Time) ([]Delivery, error)
	// SaveDeliveries stores state and error of deliveries.
	SaveDeliveries(ctx context.Context, ds []Delivery, at time.Time) error
	// CountDeliveries returns how many deliveries of a task there are in each state.
	CountDeliveries(ctx context.Context, taskID int64) (map[DeliveryState]int64, error)
}

// BulkArgs are the arguments of send_bulk_notification.
type BulkArgs struct {
	Subject string     `json:"subject"`
	Message string     `json:"message"`
	Filter  BulkFilter `json:"user_filter"`
	Rate    int        `json:"per_minute"` // messages a minute at most; 0: as fast as it goes
}

// BulkFilter says which users are notified; those who are active, by default.
type BulkFilter struct {
	Search   string `json:"search"`
	IsActive *bool  `json:"is_active"`
}

// query returns the filter.
func (a BulkArgs) query() (user.Query, error) {
	active := "true"
	if a.Filter.IsActive != nil {
		active = strconv.FormatBool(*a.Filter.IsActive)
	}
	return user.ParseQuery(a.Filter.Search, active, "")
}

// Check implements task.Checker.
func (a BulkArgs) Check() error {
	if strings.TrimSpace(a.Subject) == "" || strings.TrimSpace(a.Message) == "" || a.Rate < 0 {
		return fault.New(fault.Invalid, "A subject and a message are needed, and per_minute may not be below 0.")
	}
	_, err := a.query()
	return err
}

// BulkNotification returns the kind send_bulk_notification: it sends a message to
// every user that a filter finds, each by itself. What is sent is noted, so that
// a run goes on where the one before ended, however that ended: retry a task that
// was canceled or is dead to send the rest. Only messages under way when a worker
// is lost are sent twice, under the same id.
func BulkNotification(users Users, deliveries Deliveries, mailer Mailer, now func() time.Time) task.Kind {
	k := task.Kind{
		Name: bulkNotification, Version: 1, Timeout: 24 * time.Hour, MaxAttempts: 10, MaxCrashes: 20, Backoff: time.Minute, Concurrency: 1,
		Summary: "Mails a message to every user that the filter finds.",
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
	vain        int       // messages in a row that have to be sent again later
	due         time.Time // when the rate allows the next one
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
	result := map[DeliveryState]int64{Sent: 0} // which is told even when the filter found nobody
	maps.Copy(result, counts)
	return result, nil
}

// plan makes the deliveries, unless an earlier run has made them all, and then
// knows how many there are.
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

// sendAll tries every delivery that is not done once.
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
		// What was sent is noted also when the run is to end.
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

// pace waits until the rate allows one message more. What a slow server has kept
// from being sent is not made up for.
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

// send sends a batch at once.
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
