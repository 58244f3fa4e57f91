package job

import (
	"context"
	"fmt"
	"sync"
	"time"

	"roster/internal/fault"
	"roster/internal/phrase"
	"roster/internal/task"
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

// mailing sends a message to the recipients of a task, in one run of it.
type mailing struct {
	deliveries Deliveries
	now        func() time.Time
	job        *task.Job
	rate       int // maximum messages per minute; 0: unlimited
	// plan creates up to limit deliveries and returns their number; fewer than
	// limit if there are no more.
	plan func(ctx context.Context, limit int) (int64, error)
	// send sends the message of a delivery, unless it returns a final state.
	send func(ctx context.Context, d Delivery) (DeliveryState, error)

	total, done int64
	sent        int64     // in this run
	begun       time.Time // start of the run
	due         time.Time // when the rate allows the next message
	doubts      doubts
}

// run returns the number of deliveries by state once all are final, and else an
// error. planned means that an earlier run has created all of them.
func (m *mailing) run(ctx context.Context, planned bool) (map[DeliveryState]int64, error) {
	if err := m.prepare(ctx, planned); err != nil {
		return nil, err
	}
	if err := m.sendDue(ctx); err != nil {
		return nil, err
	}
	return m.result(ctx)
}

// prepare creates the deliveries and determines their number.
func (m *mailing) prepare(ctx context.Context, planned bool) error {
	for !planned {
		if err := m.goOn(ctx); err != nil {
			return err
		}
		n, err := m.plan(ctx, planBatch)
		if err != nil {
			return err
		}
		planned = n < planBatch
	}
	if err := m.deliveries.ResumeDeliveries(ctx, m.job.Task.ID); err != nil {
		return err
	}
	counts, err := m.deliveries.CountDeliveries(ctx, m.job.Task.ID)
	for state, n := range counts {
		m.total += n
		if state != Waiting && state != Sending {
			m.done += n
		}
	}
	m.job.Progress(m.done, m.total)
	return err
}

// sendDue tries every delivery that is due.
func (m *mailing) sendDue(ctx context.Context) error {
	m.begun = m.now()
	for {
		if err := m.pace(ctx); err != nil {
			return err
		}
		batch, err := m.deliveries.TakeDeliveries(ctx, m.job.Task.ID, m.batch(), m.now())
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return m.settle(ctx, m.doubts.believe())
		}
		m.sendAll(ctx, batch)
		decided, stop := m.doubts.weigh(batch, m.now())
		if err := m.settle(ctx, decided); err != nil {
			return err
		}
		if stop != "" {
			return m.pause(stop)
		}
	}
}

// settle records deliveries, even if the run is about to end.
func (m *mailing) settle(ctx context.Context, ds []Delivery) error {
	if err := m.deliveries.SaveDeliveries(context.WithoutCancel(ctx), ds, m.now()); err != nil {
		return err
	}
	for _, d := range ds {
		if d.State != Waiting {
			m.done++
		}
		if d.State == Sent {
			m.sent++
		}
	}
	m.job.Progress(m.done, m.total)
	return nil
}

// MailingPaused begins the error of a task whose mailing is paused.
const MailingPaused = "the mailing is paused"

// pause returns the error of a run that must stop: a failed attempt only if it
// reached no one.
func (m *mailing) pause(reason string) error {
	text := fmt.Sprintf(MailingPaused+" and %s will be tried again: %s", phrase.Count(m.total-m.done, "recipient"), reason)
	if m.sent > 0 {
		return &task.Later{In: firstWait, Reason: text}
	}
	return fault.New(fault.Unavailable, text)
}

func (m *mailing) batch() int {
	if m.rate > 0 {
		return 1
	}
	return sendBatch
}

// pace waits until the rate allows another message. It does not catch up on
// delays of a slow server. After a slice, it ends the run, unless something is in
// doubt that only this run knows. It also ends it when a person pauses the mailing:
// then nothing is in progress, and those in doubt are tried again.
func (m *mailing) pace(ctx context.Context) error {
	if err := m.goOn(ctx); err != nil {
		return err
	}
	limit := slice
	if m.rate > 0 {
		limit = restingSlice
	}
	if m.now().Sub(m.begun) >= limit && m.doubts.none() {
		return &task.Later{In: m.due.Sub(m.now())}
	}
	if m.rate == 0 {
		return nil
	}
	if err := m.job.Rest(ctx, m.due.Sub(m.now())); err != nil {
		return err
	}
	if err := m.goOn(ctx); err != nil {
		return err
	}
	m.due = m.now().Add(time.Minute / time.Duration(m.rate))
	return nil
}

// goOn returns an error if the run must end, and Later if a person has paused it.
func (m *mailing) goOn(ctx context.Context) error {
	select {
	case <-m.job.Pausing():
		return &task.Later{}
	default:
		return ctx.Err()
	}
}

// sendAll sends a batch concurrently.
func (m *mailing) sendAll(ctx context.Context, batch []Delivery) {
	var wait sync.WaitGroup
	for i := range batch {
		d := &batch[i]
		wait.Go(func() {
			state, err := m.send(ctx, *d)
			d.State, d.Error = state, ""
			if err != nil {
				d.State, d.Error, d.obstacle = Waiting, err.Error(), obstacleOf(err)
			}
		})
	}
	wait.Wait()
}

// result returns the number of deliveries by state when all are final, else when
// the next one is due.
func (m *mailing) result(ctx context.Context) (map[DeliveryState]int64, error) {
	counts, err := m.deliveries.CountDeliveries(ctx, m.job.Task.ID)
	if err != nil {
		return nil, err
	}
	if left := counts[Waiting] + counts[Sending]; left > 0 {
		next, err := m.deliveries.NextDelivery(ctx, m.job.Task.ID)
		if err != nil {
			return nil, err
		}
		return nil, &task.Later{In: max(time.Second, next.Sub(m.now())), Reason: m.doubts.deferred(left)}
	}
	return counts, nil
}
