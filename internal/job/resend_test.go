package job_test

import (
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// A finished mailing is sent to those it did not reach, and never again to those it
// did, with the same ids, as often as a person asks.
func TestMailing_Resend(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{}
		users := newUsers(s, time.Now)
		all := create(t, users, "ann", 20, true)
		k, noop := job.BulkNotification(users, s, out, time.Now), job.Noop()
		tasks := task.NewTasks(s, task.NewRegistry(k, noop), time.Now, quiet())
		actor := access.System("test")
		wantConflict := func(id int64, want string) {
			t.Helper()
			before, _ := s.FindTask(t.Context(), id)
			err := tasks.Resend(t.Context(), actor, id)
			after, _ := s.FindTask(t.Context(), id)
			if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), want) || before.State != after.State {
				t.Errorf("got %v and %s, want %q and %s", err, after.State, want, before.State)
			}
		}
		out.fail = func(to string, _ int) error {
			if numbered(to, 3, 5) {
				return failure(job.Rejected, "550 unknown")
			}
			return nil
		}
		id := enqueueTask(t, s, k, hello)
		wantConflict(id, "The mailing has not ended.")
		wantDone(t, await(t, s, k, id), `{"bounced":3,"sent":17}`)
		if err := users.Delete(t.Context(), everybody, all[3].ID); err != nil {
			t.Fatal(err)
		}
		create(t, users, "annlate", 1, true)
		out.fail = func(to string, _ int) error {
			if to == "ann3@example.com" {
				return failure(job.Rejected, "550 unknown")
			}
			return nil
		}
		if err := tasks.Resend(t.Context(), actor, id); err != nil {
			t.Fatal(err)
		}
		if got, err := s.FindTask(t.Context(), id); err != nil || got.State != task.Pending || got.Result != nil || !got.Finished.IsZero() {
			t.Errorf("got %+v, %v", got, err)
		}
		wantDone(t, await(t, s, k, id), `{"bounced":1,"gone":1,"sent":18}`)
		out.fail = nil
		if err := tasks.Resend(t.Context(), actor, id); err != nil {
			t.Fatal(err)
		}
		wantDone(t, await(t, s, k, id), `{"gone":1,"sent":19}`)
		wantConflict(id, "The mailing has reached everyone that it can reach.")
		counts := out.to()
		for to, n := range counts {
			if n != 1 {
				t.Errorf("%s: got %d messages, want 1", to, n)
			}
		}
		if len(counts) != 19 {
			t.Errorf("got %d recipients, want 19", len(counts))
		}
		other := enqueueTask(t, s, noop, `{}`)
		wantConflict(other, "The task is not a mailing.")
		if err := tasks.Resend(t.Context(), actor, 999); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
		planner := access.NewActor(access.Account{ID: 1, Username: "ada", Permissions: []access.Permission{access.Schedules.Change()}})
		if err := tasks.Resend(t.Context(), planner, id); fault.KindOf(err) != fault.Denied {
			t.Errorf("got %v, want it to require the permission to send mail", err)
		}
		if err := tasks.Resend(t.Context(), everybody, id); fault.KindOf(err) == fault.Internal || err == nil {
			t.Errorf("got %v, want it denied", err)
		}
	})
}

// A mailing that is paused goes on at once when a person retries it.
func TestMailing_RetryWhilePaused(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{fail: func(string, int) error { return failure(job.Blocked, "504 who are you") }}
		users := newUsers(s, time.Now)
		create(t, users, "ann", 12, true)
		k := job.BulkNotification(users, s, out, time.Now)
		tasks := task.NewTasks(s, task.NewRegistry(k), time.Now, quiet())
		got := run(t, s, k, hello)
		if got.State != task.Pending || time.Until(got.RunAt) < 30*time.Second {
			t.Fatalf("got %+v, want it paused", got)
		}
		out.fail = nil
		if err := tasks.Retry(t.Context(), access.System("test"), got.ID); err != nil {
			t.Fatal(err)
		}
		wantDone(t, await(t, s, k, got.ID), `{"sent":12}`)
	})
}
