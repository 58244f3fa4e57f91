package job

import (
	"context"
	"time"

	"roster/internal/user"
)

// DeliveryState is the outcome of a message to one recipient.
type DeliveryState string

// The states. All but Waiting and Sending are final.
const (
	Waiting DeliveryState = "waiting"  // to be sent, or retried
	Sending DeliveryState = "sending"  // in progress, or interrupted: sent again with the same id
	Sent    DeliveryState = "sent"     // the recipient was reached
	Bounced DeliveryState = "bounced"  // the recipient was rejected
	GivenUp DeliveryState = "given_up" // deferred too often
	Gone    DeliveryState = "gone"     // the user was deleted
	// OptedOut means that the user has unsubscribed.
	OptedOut DeliveryState = "opted_out"
)

// Delivery is the message of a task to one user.
type Delivery struct {
	ID       int64
	UserID   int64 // negative for recipients that are no users
	State    DeliveryState
	Error    string    // last error
	Attempts int       // that were deferred
	Due      time.Time // of the next attempt, while Waiting

	obstacle Obstacle // of an attempt that has just failed
}

const (
	// maxDeferrals is the number of deferrals after which a recipient is given
	// up: by then, two days have passed.
	maxDeferrals = 15
	firstWait    = time.Minute // doubled before each further attempt
	longestWait  = 8 * time.Hour
)

// postpone makes a delivery wait for its next attempt.
func (d *Delivery) postpone(now time.Time) {
	wait := firstWait
	for range d.Attempts {
		wait = min(2*wait, longestWait)
	}
	d.State, d.Due = Waiting, now.Add(wait)
	d.Attempts++
}

// Deliveries stores deliveries. Implementations are safe for concurrent use,
// and return errors of package fault.
type Deliveries interface {
	// PlanDeliveries creates waiting deliveries of a task for the next up to
	// limit users that match q and have not unsubscribed, by id after those that
	// have one. It returns their number.
	PlanDeliveries(ctx context.Context, taskID int64, q user.Query, limit int) (int64, error)
	// PlanRecipients creates waiting deliveries of a task, numbered by a UserID
	// of -1 for the first recipient and so on, from after skip to count, and
	// returns their number. If the task has deliveries, it creates none.
	PlanRecipients(ctx context.Context, taskID, skip, count int64) (int64, error)
	// ResumeDeliveries makes interrupted deliveries of a task waiting.
	ResumeDeliveries(ctx context.Context, taskID int64) error
	// TakeDeliveries returns up to limit waiting deliveries of a task that are
	// due at that time, those due first first, and marks them Sending. It returns
	// task.Later, and none, once a person has paused or canceled the task.
	TakeDeliveries(ctx context.Context, taskID int64, limit int, at time.Time) ([]Delivery, error)
	// SaveDeliveries stores all fields of deliveries that may change.
	SaveDeliveries(ctx context.Context, ds []Delivery, at time.Time) error
	// NextDelivery returns when the first waiting delivery of a task is due,
	// zero if none is waiting.
	NextDelivery(ctx context.Context, taskID int64) (time.Time, error)
	// IsUnsubscribed reports whether a user gets no mailings.
	IsUnsubscribed(ctx context.Context, userID int64) (bool, error)
	// CountDeliveries returns the number of deliveries of a task in each state.
	CountDeliveries(ctx context.Context, taskID int64) (map[DeliveryState]int64, error)
}
