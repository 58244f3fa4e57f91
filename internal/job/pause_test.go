package job_test

import (
	"context"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// A mailing that a person pauses starts no more messages, ends its run after those
// in progress, and stays paused whatever the worker does. Resumed, it reaches the others, each once.
func TestMailing_PausedByPerson(t *testing.T) {
	t.Parallel()
	for name, rate := range map[string]string{"at once": "0", "with a rate": "1200"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEngines(t, func(t *testing.T, s *store.Store) {
				t.Helper()
				out := &outbox{}
				users := newUsers(s, time.Now)
				create(t, users, "ann", 60, true)
				k := job.BulkNotification(users, s, out, time.Now)
				tasks := task.NewTasks(s, task.NewRegistry(k), time.Now, quiet())
				id := enqueueTask(t, s, k, `{"subject": "S", "message": "M", "per_minute": `+rate+`}`)
				out.fail = func(to string, _ int) error {
					if to != "ann9@example.com" {
						return nil
					}
					return tasks.Pause(context.Background(), access.System("test"), id)
				}
				got := await(t, s, k, id)
				counts := states(t, s, id)
				if got.State != task.Paused || got.Attempts != 0 || counts[job.Sending] != 0 || counts[job.Sent] > 16 || len(out.to()) != int(counts[job.Sent]) {
					t.Fatalf("got %+v, %v, and %d messages", got, counts, len(out.to()))
				}
				wantConflict(t, tasks.Pause(t.Context(), access.System("test"), id), "The mailing is paused.")
				wantConflict(t, tasks.Retry(t.Context(), access.System("test"), id), "The task is paused.")
				out.fail = nil
				if err := tasks.Resume(t.Context(), access.System("test"), id); err != nil {
					t.Fatal(err)
				}
				wantConflict(t, tasks.Resume(t.Context(), access.System("test"), id), "The task is not paused.")
				wantDone(t, finish(t, s, k, id), `{"sent":60}`)
				for to, n := range out.to() {
					if n != 1 {
						t.Errorf("%s: got %d messages, want 1", to, n)
					}
				}
			})
		})
	}
}

// A pause does not depend on the worker that was asked: when it is lost, or does not
// know pauses, the next one keeps the task paused. A waiting task keeps its time.
func TestMailing_PauseStays(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out, actor := &outbox{}, access.System("test")
		users := newUsers(s, time.Now)
		create(t, users, "ann", 3, true)
		k := job.BulkNotification(users, s, out, time.Now)
		tasks := task.NewTasks(s, task.NewRegistry(k, job.Noop()), time.Now, quiet())
		id := enqueueTask(t, s, k, hello)
		now, err := s.Clock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		claimed, err := s.ClaimTasks(t.Context(), task.Claim{Lease: "lost", Worker: "lost", Now: now, Until: now.Add(-time.Second), Limit: 1, Room: map[string]int{k.Name: 1}})
		if err != nil || len(claimed) != 1 {
			t.Fatalf("got %v, %v", claimed, err)
		}
		if err := tasks.Pause(t.Context(), actor, id); err != nil {
			t.Fatal(err)
		}
		wantConflict(t, tasks.Pause(t.Context(), actor, id), "The mailing is being paused.")
		if got := await(t, s, k, id); got.State != task.Paused || got.Crashes != 1 || len(out.to()) != 0 {
			t.Errorf("got %+v and %v, want it paused after a crash", got, out.to())
		}
		if err := tasks.Resume(t.Context(), actor, id); err != nil {
			t.Fatal(err)
		}
		wantDone(t, await(t, s, k, id), `{"sent":3}`)
		wantConflict(t, tasks.Pause(t.Context(), actor, id), "The mailing is done.")
		wantConflict(t, tasks.Pause(t.Context(), actor, enqueueTask(t, s, job.Noop(), `{}`)), "The task is not a mailing.")
		if err := tasks.Pause(t.Context(), everybody, id); err == nil {
			t.Error("everybody may pause")
		}
		if err := tasks.Pause(t.Context(), actor, 999); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
	})
}

// A paused mailing can be stopped, and is then sent to those not reached.
func TestMailing_StopPaused(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out, actor := &outbox{}, access.System("test")
		users := newUsers(s, time.Now)
		create(t, users, "ann", 3, true)
		k := job.BulkNotification(users, s, out, time.Now)
		tasks := task.NewTasks(s, task.NewRegistry(k), time.Now, quiet())
		out.fail = func(string, int) error { return failure(job.Deferred, "450 later") }
		waiting := run(t, s, k, hello)
		for _, do := range []func(context.Context, access.Actor, int64) error{tasks.Pause, tasks.Resume, tasks.Pause, tasks.Cancel} {
			if err := do(t.Context(), actor, waiting.ID); err != nil {
				t.Fatal(err)
			}
			if got, err := s.FindTask(t.Context(), waiting.ID); err != nil || !got.RunAt.Equal(waiting.RunAt) {
				t.Errorf("got %v, %v, want the time of the next attempt kept", got.RunAt, err)
			}
		}
		out.fail = nil
		if err := tasks.Resend(t.Context(), actor, waiting.ID); err != nil {
			t.Fatal(err)
		}
		wantDone(t, await(t, s, k, waiting.ID), `{"sent":3}`)
	})
}

// finish runs a mailing through its slices.
func finish(t *testing.T, s *store.Store, k task.Kind, id int64) task.Task {
	t.Helper()
	got := await(t, s, k, id)
	for got.State == task.Pending {
		got = await(t, s, k, id)
	}
	return got
}

func wantConflict(t *testing.T, err error, want string) {
	t.Helper()
	if fault.KindOf(err) != fault.Conflict || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
