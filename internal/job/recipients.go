package job

import (
	"context"
	"fmt"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/phrase"
)

// maxRecipients is the maximum number of recipients in arguments.
const maxRecipients = 500

// checkRecipients rejects invalid addresses, and too many.
func checkRecipients(recipients []string) error {
	for _, to := range recipients {
		if !form.ValidEmail(to) {
			return fault.New(fault.Invalid, fmt.Sprintf("The argument recipients contains %q, which is not an e-mail address.", to))
		}
	}
	if len(recipients) > maxRecipients {
		return fault.New(fault.Invalid, fmt.Sprintf("The argument recipients may contain at most %d addresses.", maxRecipients))
	}
	return nil
}

// sendEach sends a message to recipients. One that cannot receive it now or at all
// does not keep the others from it. The error is Invalid if some are not reached
// in the end.
func (m mailing) sendEach(ctx context.Context, recipients []string, send func(id, to string) error) error {
	if len(recipients) == 0 {
		return nil
	}
	m.plan = func(ctx context.Context, _ int) (int64, error) {
		// Older versions stored only how many have the message.
		return m.deliveries.PlanRecipients(ctx, m.job.Task.ID, m.job.Task.Done, int64(len(recipients)))
	}
	m.send = func(_ context.Context, d Delivery) (DeliveryState, error) {
		n := -d.UserID - 1
		return Sent, send(messageID(m.job.Task, n), recipients[n])
	}
	counts, err := m.run(ctx, false)
	if missed := counts[Bounced] + counts[GivenUp]; err == nil && missed > 0 {
		err = fault.New(fault.Invalid, fmt.Sprintf("%d of %s could not be reached%s", missed, phrase.Count(int64(len(recipients)), "recipient"), m.doubts.why()))
	}
	return err
}
