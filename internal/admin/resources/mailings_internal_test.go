package resources

import (
	"testing"
	"time"

	"roster/internal/job"
	"roster/internal/task"
)

// The progress of a mailing says what happened to its recipients, and until when
// the others wait, in the zone of the pages.
func TestProgressText(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 30, 23, 0, 0, 0, berlin)
	at := func(d time.Duration) time.Time { return now.Add(d).UTC() }
	type counts = map[job.DeliveryState]int64
	for want, c := range map[string]struct {
		state  task.State
		runAt  time.Time
		runs   int
		counts counts
	}{
		"4,088 sent, 47 refused, 34 waiting until 23:45": {task.Pending, at(45 * time.Minute), 3, counts{job.Sent: 4088, job.Bounced: 47, job.Waiting: 34}},
		"1 sent, 2 waiting until 1 December 00:15":       {task.Pending, at(75 * time.Minute), 1, counts{job.Sent: 1, job.Waiting: 2}},
		"3 waiting until 1 January 2027 10:00":           {task.Pending, time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC), 1, counts{job.Waiting: 3}},
		"1 sent, 10 waiting":                             {task.Running, at(0), 1, counts{job.Sent: 1, job.Waiting: 2, job.Sending: 8}},
		"1 sent, 8 in doubt, 2 waiting":                  {task.Paused, at(0), 1, counts{job.Sent: 1, job.Waiting: 2, job.Sending: 8}},
		"1 sent, 2 given up, 3 unsubscribed, 4 deleted":  {task.Done, at(0), 1, counts{job.Sent: 1, job.GivenUp: 2, job.OptedOut: 3, job.Gone: 4}},
		"1 sent, 2 not sent":                             {task.Canceled, at(0), 1, counts{job.Sent: 1, job.Waiting: 2}},
		"No one matched":                                 {task.Done, at(0), 1, counts{job.Sent: 0}},
		"Starts at 23:30":                                {task.Pending, at(30 * time.Minute), 0, nil},
		"Collecting the recipients":                      {task.Running, at(0), 1, nil},
		"Not started":                                    {task.Pending, at(0), 0, nil},
		"1,000,000 sent, 1 refused, 1,000 waiting":       {task.Running, at(0), 1, counts{job.Sent: 1_000_000, job.Bounced: 1, job.Waiting: 1000}},
	} {
		x := task.Task{State: c.state, Runs: c.runs}
		x.RunAt = c.runAt
		if got := progressText(&x, c.counts, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What was in progress is in doubt, unless its run goes on.
func TestDeliveryBadge(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]job.SeenDelivery{
		"queued":       {Delivery: job.Delivery{State: job.Waiting}, Task: task.Task{ID: 1, State: task.Running}},
		"deferred":     {Delivery: job.Delivery{State: job.Waiting, Attempts: 1}, Task: task.Task{ID: 1, State: task.Pending}},
		"not sent":     {Delivery: job.Delivery{State: job.Waiting}, Task: task.Task{ID: 1, State: task.Canceled}},
		"sending":      {Delivery: job.Delivery{State: job.Sending}, Task: task.Task{ID: 1, State: task.Running}},
		"in doubt":     {Delivery: job.Delivery{State: job.Sending}, Task: task.Task{ID: 1, State: task.Paused}},
		"sent":         {Delivery: job.Delivery{State: job.Sent}},
		"refused":      {Delivery: job.Delivery{State: job.Bounced}},
		"given up":     {Delivery: job.Delivery{State: job.GivenUp}},
		"unsubscribed": {Delivery: job.Delivery{State: job.OptedOut}},
		"user deleted": {Delivery: job.Delivery{State: job.Gone}},
	} {
		if got := deliveryBadge(&d).Text; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
