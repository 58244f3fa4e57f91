package job_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/user"
)

// numbered reports whether an address is that of "ann" with a number from first to
// last.
func numbered(to string, first, last int) bool {
	var n int
	_, err := fmt.Sscanf(to, "ann%d@", &n)
	return err == nil && n >= first && n <= last
}

// states returns the number of deliveries in each state.
func states(t *testing.T, s *store.Store, id int64) map[job.DeliveryState]int64 {
	t.Helper()
	counts, err := s.CountDeliveries(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// What is not the recipients' fault pauses the mailing after the first batch, and
// loses no one; so does a server that cannot be reached.
func TestMailing_Pauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		obstacle job.Obstacle
		rate     string
		tries    int
	}{
		"blocked":                   {job.Blocked, "0", 8},
		"blocked, with a rate":      {job.Blocked, "60000", 1},
		"unreachable":               {job.Unreachable, "0", 8},
		"unreachable, with a rate":  {job.Unreachable, "60000", 8},
		"rejected alike":            {job.Rejected, "0", 16},
		"rejected alike, by a rate": {job.Rejected, "60000", 10},
		"deferred alike":            {job.Deferred, "0", 104},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, out := storetest.OpenSQLite(t), &outbox{}
			users := newUsers(s, time.Now)
			create(t, users, "ann", 120, true)
			out.fail = func(string, int) error { return failure(test.obstacle, "554 no") }
			k := job.BulkNotification(users, s, out, time.Now)
			got := run(t, s, k, strings.Replace(hello, `{`, `{"per_minute":`+test.rate+`,`, 1))
			const want = "the mailing is paused and 120 recipients will be tried again: "
			if got.State != task.Pending || got.Attempts != 1 || !strings.HasPrefix(got.Error, want) || !strings.HasSuffix(got.Error, "554 no") {
				t.Errorf("got %s after %d attempts, %q, want %q", got.State, got.Attempts, got.Error, want)
			}
			if counts := states(t, s, got.ID); len(out.tries) != test.tries || counts[job.Waiting] != 120 {
				t.Errorf("got %d tries and %v, want %d and 120 waiting", len(out.tries), counts, test.tries)
			}
			out.fail = nil
			again(t, s, got.ID)
			wantDone(t, await(t, s, k, got.ID), `{"sent":120}`)
		})
	}
}

// Recipients that are deferred, however many and however low their ids, keep no
// one from a message. Each has its own next attempt, and an end.
func TestMailing_Deferred(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "ann", 40, true)
		out.fail = func(to string, _ int) error {
			if numbered(to, 1, 16) {
				return failure(job.Deferred, "450 4.2.0 try again")
			}
			return nil
		}
		k := job.BulkNotification(users, s, out, time.Now)
		begin := time.Now()
		got := run(t, s, k, hello)
		wait := got.RunAt.Sub(begin)
		if got.State != task.Pending || got.Attempts != 0 || len(out.to()) != 24 || got.Done != 24 || wait < 59*time.Second ||
			got.Error != "16 recipients will be tried again; the last error: 450 4.2.0 try again" {
			t.Fatalf("got %+v with %d messages, want the other 24 sent, and the next attempt in a minute", got, len(out.to()))
		}
		out.fail = nil
		again(t, s, got.ID)
		wantDone(t, await(t, s, k, got.ID), `{"sent":40}`)
	})
}

// A recipient that is deferred again and again is given up after two days.
func TestMailing_GivesUp(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	create(t, users, "ann", 3, true)
	out.fail = func(to string, _ int) error {
		if to == "ann2@example.com" {
			return failure(job.Deferred, "450 not now")
		}
		return nil
	}
	k := job.BulkNotification(users, s, out, time.Now)
	var total time.Duration
	var waits []time.Duration
	got := run(t, s, k, hello)
	for got.State == task.Pending && len(waits) < 20 {
		wait := time.Until(got.RunAt).Round(time.Minute)
		total += wait
		waits = append(waits, wait)
		again(t, s, got.ID)
		got = await(t, s, k, got.ID)
	}
	wantDone(t, got, `{"given_up":1,"sent":2}`)
	if len(waits) != 14 || total < 40*time.Hour || total > 60*time.Hour || waits[0] != time.Minute || waits[1] != 2*time.Minute || waits[13] != 8*time.Hour {
		t.Errorf("got the waits %v, want 14 in two days", waits)
	}
}

// Many rejections in a row are no one's until another message is sent; then each
// counts. Those tried again come after the others.
func TestMailing_Doubts(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	create(t, users, "ann", 40, true)
	out.fail = func(to string, _ int) error {
		if numbered(to, 5, 20) {
			return failure(job.Rejected, "550 5.1.1 unknown")
		}
		return nil
	}
	k := job.BulkNotification(users, s, out, time.Now)
	got := run(t, s, k, strings.Replace(hello, `{`, `{"per_minute":60000,`, 1))
	counts := states(t, s, got.ID)
	if got.State != task.Pending || got.Attempts != 0 || counts[job.Sent] != 4 || counts[job.Bounced] != 0 || counts[job.Waiting] != 36 {
		t.Fatalf("got %+v and %v, want a pause after ten rejections", got, counts)
	}
	again(t, s, got.ID)
	got = await(t, s, k, got.ID)
	wantDone(t, got, `{"bounced":16,"sent":24}`)
	if out.tries["ann5@example.com"] != 2 || out.tries["ann20@example.com"] != 1 {
		t.Errorf("got %v", out.tries)
	}
}

// Nine rejections in a row are the recipients', ten are not.
func TestMailing_DoubtsAtTheEnd(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]task.State{1: task.Done, 9: task.Done, 10: task.Pending} {
		s, out := storetest.OpenSQLite(t), &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "ann", count, true)
		out.fail = func(string, int) error { return failure(job.Rejected, "550 unknown") }
		got := run(t, s, job.BulkNotification(users, s, out, time.Now), hello)
		counts := states(t, s, got.ID)
		if bounced := counts[job.Bounced]; got.State != want || (bounced == int64(count)) != (want == task.Done) || bounced > 0 && want != task.Done {
			t.Errorf("%d: got %s, %v, want %s", count, got.State, counts, want)
		}
	}
}

// A worker that is lost while recipients are in doubt loses none of them.
func TestMailing_DoubtsAreNotStored(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	create(t, users, "ann", 9, true)
	cut := &cutNotes{Deliveries: s, left: 9}
	out.fail = func(string, int) error { return failure(job.Rejected, "550 unknown") }
	k := job.BulkNotification(users, cut, out, time.Now)
	cut.left = 1
	got := run(t, s, k, strings.Replace(hello, `{`, `{"per_minute":60000,`, 1))
	if counts := states(t, s, got.ID); counts[job.Bounced] != 0 {
		t.Errorf("got %v, want none bounced", counts)
	}
	cut.left, out.fail = -1, nil
	again(t, s, got.ID)
	wantDone(t, await(t, s, k, got.ID), `{"sent":9}`)
}

// Mailings with a rate leave the slots of the worker to others, and keep their rate.
func TestMailing_RateHoldsNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, out := storetest.OpenSQLite(t), &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "ann", 5, true)
		k, noop := job.BulkNotification(users, s, out, time.Now), job.Noop()
		var slow []int64
		for range 10 {
			slow = append(slow, enqueueTask(t, s, k, `{"subject":"slow","message":"b","per_minute":1}`))
		}
		w := task.StartWorker(s, task.NewRegistry(k, noop), task.Options{Concurrency: 2, Lease: lease})
		<-time.After(30 * time.Second)
		fast := enqueueTask(t, s, k, `{"subject":"fast","message":"b"}`)
		other := enqueueTask(t, s, noop, `{}`)
		<-time.After(10 * time.Second)
		synctest.Wait()
		for _, id := range []int64{fast, other} {
			if got, err := s.FindTask(t.Context(), id); err != nil || got.State != task.Done {
				t.Errorf("task %d: got %s, %v, want done", id, got.State, err)
			}
		}
		for _, id := range slow {
			if got, err := s.FindTask(t.Context(), id); err != nil || got.State != task.Running || got.Done != 1 {
				t.Errorf("task %d: got %s with %d messages, %v, want it running with one", id, got.State, got.Done, err)
			}
		}
		<-time.After(5 * time.Minute)
		synctest.Wait()
		for _, id := range slow {
			if got, err := s.FindTask(t.Context(), id); err != nil || got.State != task.Done {
				t.Errorf("task %d: got %s, %v, want done", id, got.State, err)
			}
		}
		begin := time.Now()
		last := enqueueTask(t, s, k, `{"subject":"slow","message":"b","per_minute":1}`)
		<-time.After(10 * time.Second)
		w.Stop(t.Context())
		if got, err := s.FindTask(t.Context(), last); err != nil || got.State != task.Pending || time.Since(begin) > 11*time.Second {
			t.Errorf("got %s, %v after %s: want a worker that stops to wait for no rate", got.State, err, time.Since(begin))
		}
		if n := len(out.sent); n != 10*5+5+1 || len(slices.Compact(slices.Sorted(slices.Values(out.sent)))) != n {
			t.Errorf("got %d messages, want 56, none twice", n)
		}
	})
}

// slowly sends notifications through a server that takes three seconds for each.
type slowly struct{ *outbox }

func (s slowly) SendNotification(ctx context.Context, id string, to user.User, subject, message string) error {
	<-time.After(3 * time.Second)
	return s.outbox.SendNotification(ctx, id, to, subject, message)
}

// A long mailing lets others start every minute.
func TestMailing_Slices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, out := storetest.OpenSQLite(t), &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "ann", 200, true)
		k, noop := job.BulkNotification(users, s, slowly{out}, time.Now), job.Noop()
		long := enqueueTask(t, s, k, hello)
		w := task.StartWorker(s, task.NewRegistry(k, noop), task.Options{Concurrency: 1, Lease: lease})
		<-time.After(10 * time.Second)
		other := enqueueTask(t, s, noop, `{}`)
		<-time.After(70 * time.Second)
		synctest.Wait()
		if got, err := s.FindTask(t.Context(), other); err != nil || got.State != task.Done {
			t.Errorf("got %s, %v, want done", got.State, err)
		}
		<-time.After(10 * time.Minute)
		w.Stop(t.Context())
		got, err := s.FindTask(t.Context(), long)
		if err != nil || got.Attempts != 0 || got.Error != "" {
			t.Errorf("got %+v, %v", got, err)
		}
		wantDone(t, got, `{"sent":200}`)
	})
}
