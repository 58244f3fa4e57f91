package job

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/phrase"
	"roster/internal/task"
	"roster/internal/user"
)

const (
	planBatch = 1000
	// sendBatch is how many messages are in progress at a time, and so how many
	// may be sent twice if a worker is killed.
	sendBatch = 8
	// slice is how long a mailing runs before it lets other tasks start, and
	// restingSlice how long one with a rate does.
	slice        = time.Minute
	restingSlice = time.Hour
)

// bulk is a run of send_bulk_notification.
type bulk struct {
	users      Users
	deliveries Deliveries
	mailer     Mailer
	now        func() time.Time
	job        *task.Job
	args       BulkArgs

	total, done int64
	sent        int64     // in this run
	begun       time.Time // start of the run
	due         time.Time // when the rate allows the next message
	doubts      doubts
}

func (b *bulk) run(ctx context.Context) (any, error) {
	query, err := b.args.query()
	if err != nil {
		return nil, err
	}
	if err := b.plan(ctx, query); err != nil {
		return nil, err
	}
	if err := b.sendDue(ctx); err != nil {
		return nil, err
	}
	return b.result(ctx)
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
	if err := b.deliveries.ResumeDeliveries(ctx, b.job.Task.ID); err != nil {
		return err
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

// sendDue tries every delivery that is due.
func (b *bulk) sendDue(ctx context.Context) error {
	b.begun = b.now()
	for {
		if err := b.pace(ctx); err != nil {
			return err
		}
		batch, err := b.deliveries.TakeDeliveries(ctx, b.job.Task.ID, b.batch(), b.now())
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return b.settle(ctx, b.doubts.believe())
		}
		b.send(ctx, batch)
		decided, stop := b.doubts.weigh(batch, b.now())
		if err := b.settle(ctx, decided); err != nil {
			return err
		}
		if stop != "" {
			return b.pause(stop)
		}
	}
}

// settle records deliveries, even if the run is about to end.
func (b *bulk) settle(ctx context.Context, ds []Delivery) error {
	if err := b.deliveries.SaveDeliveries(context.WithoutCancel(ctx), ds, b.now()); err != nil {
		return err
	}
	for _, d := range ds {
		if d.State != Waiting {
			b.done++
		}
		if d.State == Sent {
			b.sent++
		}
	}
	b.job.Progress(b.done, b.total)
	return nil
}

// pause returns the error of a run that must stop: a failed attempt only if it
// reached no one.
func (b *bulk) pause(reason string) error {
	text := fmt.Sprintf("the mailing is paused and %s will be tried again: %s", phrase.Count(b.total-b.done, "recipient"), reason)
	if b.sent > 0 {
		return &task.Later{In: firstWait, Reason: text}
	}
	return fault.New(fault.Unavailable, text)
}

func (b *bulk) batch() int {
	if b.args.Rate > 0 {
		return 1
	}
	return sendBatch
}

// pace waits until the rate allows another message. It does not catch up on
// delays of a slow server. After a slice, it ends the run, unless something is in
// doubt that only this run knows.
func (b *bulk) pace(ctx context.Context) error {
	limit := slice
	if b.args.Rate > 0 {
		limit = restingSlice
	}
	if b.now().Sub(b.begun) >= limit && b.doubts.none() {
		return &task.Later{In: b.due.Sub(b.now())}
	}
	if b.args.Rate == 0 {
		return ctx.Err()
	}
	if err := b.job.Rest(ctx, b.due.Sub(b.now())); err != nil {
		return err
	}
	b.due = b.now().Add(time.Minute / time.Duration(b.args.Rate))
	return nil
}

// send sends a batch concurrently.
func (b *bulk) send(ctx context.Context, batch []Delivery) {
	var wait sync.WaitGroup
	for i := range batch {
		wait.Go(func() { b.sendOne(ctx, &batch[i]) })
	}
	wait.Wait()
}

func (b *bulk) sendOne(ctx context.Context, d *Delivery) {
	u, err := b.users.Find(ctx, access.System(bulkNotification), d.UserID)
	if fault.KindOf(err) == fault.NotFound {
		d.State, d.Error = Gone, ""
		return
	}
	var unsubscribed bool
	if err == nil {
		unsubscribed, err = b.deliveries.IsUnsubscribed(ctx, d.UserID)
	}
	if unsubscribed {
		d.State, d.Error = OptedOut, ""
		return
	}
	if err == nil {
		err = b.mailer.SendNotification(ctx, messageID(b.job.Task, d.ID), u, b.args.Subject, b.args.Message)
	}
	d.State, d.Error = Sent, ""
	if err != nil {
		d.State, d.Error, d.obstacle = Waiting, err.Error(), obstacleOf(err)
	}
}

// result returns the number of deliveries by state when all are final, else when
// the next one is due.
func (b *bulk) result(ctx context.Context) (any, error) {
	counts, err := b.deliveries.CountDeliveries(ctx, b.job.Task.ID)
	if err != nil {
		return nil, err
	}
	if left := counts[Waiting] + counts[Sending]; left > 0 {
		next, err := b.deliveries.NextDelivery(ctx, b.job.Task.ID)
		if err != nil {
			return nil, err
		}
		return nil, &task.Later{In: max(time.Second, next.Sub(b.now())), Reason: b.doubts.deferred(left)}
	}
	result := map[DeliveryState]int64{Sent: 0} // reported even if the filter matched no user
	maps.Copy(result, counts)
	return result, nil
}
