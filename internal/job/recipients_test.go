package job_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// A recipient of a report who cannot be reached, now or at all, does not keep the
// others from it; no one gets it twice, whatever is tried again.
func TestRecipients(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		const args = `{"recipients":["no@example.com","later@example.com","a@example.com","b@example.com"]}`
		for name, k := range map[string]func(*outbox) task.Kind{
			"report":   func(out *outbox) task.Kind { return job.DailyReport(newUsers(s, time.Now), s, out, time.UTC, time.Now) },
			"reminder": func(out *outbox) task.Kind { return job.BackupReminder(maker{}, s, out, time.Now) },
		} {
			out := &outbox{fail: func(to string, n int) error {
				switch {
				case to == "no@example.com":
					return failure(job.Rejected, "550 5.1.1 unknown")
				case to == "later@example.com" && n == 1:
					return failure(job.Deferred, "450 later")
				}
				return nil
			}}
			kind := k(out)
			got := run(t, s, kind, args)
			if got.State != task.Pending || got.Attempts != 0 || out.to()["a@example.com"] != 1 || out.to()["b@example.com"] != 1 {
				t.Fatalf("%s: got %+v, %v", name, got, out.to())
			}
			again(t, s, got.ID)
			got = await(t, s, kind, got.ID)
			if got.State != task.Dead || !strings.HasPrefix(got.Error, "1 of 4 recipients could not be reached") {
				t.Errorf("%s: got %s, %q", name, got.State, got.Error)
			}
			out.fail = nil
			tasks := task.NewTasks(s, task.NewRegistry(kind), time.Now, quiet())
			if err := tasks.Resend(t.Context(), access.System("test"), got.ID); err != nil {
				t.Fatal(err)
			}
			if got = await(t, s, kind, got.ID); got.State != task.Done {
				t.Errorf("%s: got %+v", name, got)
			}
			counts := out.to()
			if len(counts) != 4 || counts["no@example.com"]+counts["later@example.com"]+counts["a@example.com"]+counts["b@example.com"] != 4 {
				t.Errorf("%s: got %v, want one message each", name, counts)
			}
		}
	})
}

// A task of an older version stored how many recipients have the message. The
// others get it.
func TestRecipients_OlderTask(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		n, err := s.PlanRecipients(t.Context(), 7, 2, 5)
		again, err2 := s.PlanRecipients(t.Context(), 7, 0, 5)
		if err := errors.Join(err, err2); err != nil || n != 3 || again != 0 {
			t.Errorf("got %d and %d, %v, want 3 and none again", n, again, err)
		}
		ds, err := s.TakeDeliveries(t.Context(), 7, 10, time.Now().Add(time.Minute))
		if err != nil || len(ds) != 3 || ds[0].UserID != -3 || ds[2].UserID != -5 {
			t.Errorf("got %+v, %v", ds, err)
		}
	})
}
