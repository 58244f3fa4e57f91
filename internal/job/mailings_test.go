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
	"roster/internal/user"
)

// Deliveries are listed, counted and found by state, mailing and address, and hide
// recipients from those who may not view users.
func TestMailings(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out, root := &outbox{}, access.System("test")
		users := newUsers(s, time.Now)
		all := create(t, users, "ann", 12, true)
		k := job.BulkNotification(users, s, out, time.Now)
		tasks := task.NewTasks(s, task.NewRegistry(k), time.Now, quiet())
		mailings := job.NewMailings(tasks, users, s)
		out.fail = func(to string, _ int) error {
			if numbered(to, 3, 4) {
				return failure(job.Rejected, "550 unknown")
			}
			return nil
		}
		first, second := run(t, s, k, hello), run(t, s, k, hello)
		list := func(actor access.Actor, f job.DeliveryFilter, search string) job.DeliveryPage {
			t.Helper()
			page, err := mailings.Deliveries(t.Context(), actor, f, search, user.Window{Limit: 100, Count: 20})
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		for name, c := range map[string]struct {
			filter job.DeliveryFilter
			search string
			want   int
		}{
			"all":              {job.DeliveryFilter{}, "", 24},
			"state":            {job.DeliveryFilter{State: job.Bounced}, "", 4},
			"mailing":          {job.DeliveryFilter{TaskID: first.ID}, "", 12},
			"mailing, state":   {job.DeliveryFilter{TaskID: second.ID, State: job.Bounced}, "", 2},
			"address":          {job.DeliveryFilter{}, all[5].Email, 2},
			"beginning":        {job.DeliveryFilter{}, "ANN1", 2 * beginning(all, "ann1")},
			"address, mailing": {job.DeliveryFilter{TaskID: first.ID}, all[5].Email, 1},
			"address, state":   {job.DeliveryFilter{State: job.Bounced}, all[3].Email, 2},
			"no address":       {job.DeliveryFilter{}, "bob", 0},
			"hostile":          {job.DeliveryFilter{}, `a" or email pr`, 0},
			"too long":         {job.DeliveryFilter{}, strings.Repeat("a", 5000), 0},
		} {
			page, total := list(root, c.filter, c.search), int64(0)
			for state, n := range page.Counts {
				if c.filter.State == "" || state == c.filter.State {
					total += n
				}
			}
			if len(page.Deliveries) != c.want || total != int64(c.want) {
				t.Errorf("%s: got %d deliveries and %d counted, want %d", name, len(page.Deliveries), total, c.want)
			}
		}
		d := list(root, job.DeliveryFilter{State: job.Bounced, TaskID: first.ID}, "").Deliveries[1]
		if d.Address != all[2].Email || d.Username != all[2].Username || d.Error != "550 unknown" || d.Task.ID != first.ID {
			t.Errorf("got %+v", d)
		}
		clerk := access.NewActor(access.Account{ID: 1, Username: "ada", Permissions: []access.Permission{access.Schedules.View()}})
		hidden, err := mailings.Delivery(t.Context(), clerk, d.ID)
		if err != nil || hidden.Address != "" || hidden.Username != "" || hidden.Error != "" || hidden.State != job.Bounced {
			t.Errorf("got %+v, %v, want the recipient hidden", hidden, err)
		}
		if got := list(clerk, job.DeliveryFilter{}, all[5].Email); len(got.Deliveries) != 0 {
			t.Errorf("got %v, want nothing found by address", got.Deliveries)
		}
		if _, err := mailings.Deliveries(t.Context(), everybody, job.DeliveryFilter{}, "", user.Window{Limit: 1}); err == nil {
			t.Error("everybody lists deliveries")
		}
		if _, err := mailings.Delivery(t.Context(), root, 999); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
		counts, err := mailings.Counts(t.Context(), root, &first)
		if err != nil || counts[job.Sent] != 10 || counts[job.Bounced] != 2 {
			t.Errorf("got %v, %v", counts, err)
		}
		count, sample, err := mailings.Recipients(t.Context(), root, job.BulkArgs{Filter: &job.BulkFilter{Filter: `username sw "ann1"`}}, 1)
		if err != nil || int(count) != beginning(all, "ann1") || len(sample) != 1 {
			t.Errorf("got %d, %v, %v", count, sample, err)
		}
		if _, _, err := mailings.Recipients(t.Context(), clerk, job.BulkArgs{}, 1); fault.KindOf(err) != fault.Denied {
			t.Errorf("got %v, want it denied", err)
		}
	})
}

func beginning(all []user.User, with string) (n int) {
	for _, u := range all {
		if strings.HasPrefix(u.Username, with) {
			n++
		}
	}
	return n
}
