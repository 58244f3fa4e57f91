package job_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// failure is an error of a mailer.
func failure(o job.Obstacle, text string) error {
	kind := fault.Unavailable
	if o == job.Rejected {
		kind = fault.Invalid
	}
	return &job.Undelivered{Obstacle: o, Err: fault.New(kind, text)}
}

const hello = `{"subject":"Hello","message":"All.","user_filter":{"search":"ann"}}`

// again has a person stop a task and start it again.
func again(t *testing.T, s *store.Store, id int64) {
	t.Helper()
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		return errors.Join(tx.CancelTask(id, time.Now()), tx.RetryTask(id, time.Now()))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Everybody who is found gets one message; who bounces does not keep others
// from it, in whatever character set the server says so; a delay leaves the rest to a later attempt, which sends the rest alone.
func TestBulkNotification(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{}
		users := newUsers(s, time.Now)
		all := create(t, users, "ann", 30, true)
		create(t, users, "bob", 3, true)
		create(t, users, "annabel", 2, false)
		out.fail = func(to string, n int) error {
			switch {
			case to == "ann3@example.com":
				return fault.New(fault.Invalid, "550 bo\xeete inconnue")
			case to == "ann7@example.com" && n == 1:
				return failure(job.Deferred, "451 later")
			}
			return nil
		}
		k := job.BulkNotification(users, s, out, time.Now)
		first := run(t, s, k, hello)
		if first.State != task.Pending || first.Error != "1 recipient will be tried again; the last error: 451 later" || first.Attempts != 0 || first.Total != 30 || first.Done != 29 {
			t.Fatalf("got %+v", first)
		}
		if err := users.Delete(t.Context(), everybody, all[9].ID); err != nil {
			t.Fatal(err)
		}
		create(t, users, "annlate", 1, true) // who comes while it is under way is left out
		again(t, s, first.ID)
		wantDone(t, await(t, s, k, first.ID), `{"bounced":1,"sent":29}`)
		counts := out.to()
		for _, u := range all {
			if want := map[bool]int{true: 0, false: 1}[u.Username == "ann3"]; counts[u.Email] != want {
				t.Errorf("%s: got %d messages, want %d", u.Email, counts[u.Email], want)
			}
		}
		if len(counts) != 29 {
			t.Errorf("got %v, want no other user", counts)
		}
	})
}

// A run that is cut off between the sending and its note sends what was under
// way again, under the same ids, and nothing else.
func TestBulkNotification_CutOff(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	create(t, users, "ann", 40, true)
	cut := &cutNotes{Deliveries: s, left: 2}
	k := job.BulkNotification(users, cut, out, time.Now)
	got := run(t, s, k, hello)
	if got.State != task.Pending || got.Attempts != 1 {
		t.Fatalf("got %+v", got)
	}
	again(t, s, got.ID)
	cut.left = -1
	wantDone(t, await(t, s, k, got.ID), `{"sent":40}`)
	if repeated := len(out.sent) - 40; repeated != 8 {
		t.Errorf("%d messages were sent twice, want the 8 that were under way", repeated)
	}
	ids := map[string]string{}
	for _, line := range out.sent {
		fields := strings.Fields(line)
		if id := ids[fields[1]]; id != "" && id != fields[0] {
			t.Errorf("%s: got ids %s and %s, want one", fields[1], id, fields[0])
		}
		ids[fields[1]] = fields[0]
	}
}

// cutNotes loses its storage after some batches were noted.
type cutNotes struct {
	job.Deliveries
	left int
}

func (c *cutNotes) SaveDeliveries(ctx context.Context, ds []job.Delivery, at time.Time) error {
	if c.left == 0 {
		return errors.New("the database is away")
	}
	c.left--
	return c.Deliveries.SaveDeliveries(ctx, ds, at)
}

func TestBulkNotification_Refusals(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	create(t, users, "ann", 20, true)
	k := job.BulkNotification(users, s, out, time.Now)
	for _, args := range []string{`{}`, `{"subject":"a","message":" "}`, `{"subject":"a","message":"b","per_minute":-1}`,
		fmt.Sprintf(`{"subject":"a","message":"b","user_filter":{"search":%q}}`, strings.Repeat("x", 300))} {
		wantRefused(t, k, args)
	}
	wantRefused(t, k, `{"subject":"a","message":"b","user_filter":{"filter":"mail pr"}}`)
	wantDone(t, run(t, s, k, strings.ReplaceAll(hello, "ann", "stranger")), `{"sent":0}`)
	wantDone(t, run(t, s, k, `{"subject":"a","message":"b","user_filter":{"filter":"username sw \"ann2\""}}`), `{"sent":2}`)
}

// A rate spreads the messages.
func TestBulkNotification_Rate(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	create(t, users, "ann", 4, true)
	begin := time.Now()
	got := run(t, s, job.BulkNotification(users, s, out, time.Now), `{"subject":"a","message":"b","per_minute":1200}`)
	wantDone(t, got, `{"sent":4}`)
	if took := time.Since(begin); took < 150*time.Millisecond {
		t.Errorf("4 messages took %s at 20 a second, want 150ms at least", took)
	}
}

// A server that was slow for a while is not sent more at once to make up for it.
func TestBulkNotification_RateAfterAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, out := storetest.OpenSQLite(t), &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "ann", 6, true)
		var begun []time.Time
		out.fail = func(to string, _ int) error {
			if begun = append(begun, time.Now()); to == "ann1@example.com" {
				<-time.After(time.Minute)
			}
			return nil
		}
		k := job.BulkNotification(users, s, out, time.Now)
		got := run(t, s, k, `{"subject":"a","message":"b","per_minute":6}`)
		wantDone(t, got, `{"sent":6}`)
		for i := range begun[1:] {
			if gap := begun[i+1].Sub(begun[i]); gap < 10*time.Second {
				t.Errorf("message %d came %s after the one before, want 10s at least", i+2, gap)
			}
		}
	})
}
