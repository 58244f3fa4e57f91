package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/user"
)

var everybody = access.AllowAny.Anonymous()

// onEngines runs a test on an empty database of each engine.
func onEngines(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// lease is how long the workers of these tests keep a task. A slow machine may not
// renew a lease in time.
const lease = time.Hour

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newUsers(s *store.Store, now func() time.Time) *user.Users {
	return user.NewUsers(s, now, quiet())
}

// create makes users named by a prefix and a number from 1.
func create(t *testing.T, users *user.Users, prefix string, count int, active bool) (all []user.User) {
	t.Helper()
	for n := range count {
		name := fmt.Sprint(prefix, n+1)
		u, err := users.Create(t.Context(), everybody, form.Input{
			"username":  {Kind: form.String, Text: name},
			"email":     {Kind: form.String, Text: name + "@example.com"},
			"is_active": {Kind: form.Boolean, Bool: active},
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	return all
}

// wantRefused wants arguments to be refused before a task is stored.
func wantRefused(t *testing.T, k task.Kind, args string) {
	t.Helper()
	if _, err := k.New(time.Now(), "test", json.RawMessage(args)); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("%s %.60s: got %v, want it to be refused", k.Name, args, err)
	}
}

func TestArguments_Refused(t *testing.T) {
	t.Parallel()
	cleanup := job.CleanupInactiveUsers(nil, nil, time.Now)
	wantRefused(t, cleanup, `{"days":0,"dry_run":false}`)
	wantRefused(t, cleanup, `{"days":36501}`)
	wantRefused(t, cleanup, `{"days":200000000000000,"dry_run":false}`) // ends in the future: the count of seconds overflows
	wantRefused(t, cleanup, `{"limit":-1}`)
	wantRefused(t, cleanup, `{"max_share":101}`)
	wantRefused(t, job.Noop(), `{"milliseconds":-1}`)
	wantRefused(t, job.WelcomeEmail(nil, nil), `{}`)
	wantRefused(t, job.DailyReport(nil, nil, nil, time.UTC, time.Now), `{"recipients":["x@example.com","no-address"]}`)
	wantRefused(t, job.BackupReminder(nil, nil, nil, time.Now), `{"recipients":["a@example.com"`+strings.Repeat(`,"a@example.com"`, 500)+`]}`)
	wantRefused(t, job.BackupReminder(nil, nil, nil, time.Now), `{"recipients":["a@example.com\nBcc: b@example.com"]}`)
}

// run stores a task of the kind and runs it until it ends or waits for another
// attempt.
func run(t *testing.T, s *store.Store, k task.Kind, args string) task.Task {
	t.Helper()
	return await(t, s, k, enqueueTask(t, s, k, args))
}

// enqueueTask stores a task.
func enqueueTask(t *testing.T, s *store.Store, k task.Kind, args string) (id int64) {
	t.Helper()
	n, err := k.New(time.Now(), "test", json.RawMessage(args))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.InTaskTx(t.Context(), func(tx task.Tx) (err error) { id, err = tx.Enqueue(n); return err }); err != nil {
		t.Fatal(err)
	}
	return id
}

func await(t *testing.T, s *store.Store, k task.Kind, id int64) task.Task {
	t.Helper()
	before, err := s.FindTask(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	w := task.StartWorker(s, task.NewRegistry(k), task.Options{Lease: lease})
	defer w.Stop(context.WithoutCancel(t.Context()))
	for begin := time.Now(); ; <-time.After(10 * time.Millisecond) {
		got, err := s.FindTask(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got.State.IsFinal() || got.State == task.Paused || got.State == task.Pending && got.Runs > before.Runs {
			return got
		}
		if time.Since(begin) > 5*time.Minute {
			t.Fatalf("task %d does not end: %+v", id, got)
		}
	}
}

func wantDone(t *testing.T, got task.Task, result string) {
	t.Helper()
	if got.State != task.Done || string(got.Result) != result {
		t.Errorf("got %s, result %s, error %q; want done, %s", got.State, got.Result, got.Error, result)
	}
}

// A create stores the welcome in its own transaction, through whatever method,
// and none that fails does.
func TestWelcome(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "unwelcome", 1, true)
		users.AfterCreate(job.Welcome)
		u := create(t, users, "ann", 1, true)[0]
		if _, err := users.CreateOnce(t.Context(), everybody, "key", form.Input{
			"username": {Kind: form.String, Text: "bob"}, "email": {Kind: form.String, Text: "bob@example.com"},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := users.Create(t.Context(), everybody, form.Input{"username": {Kind: form.String, Text: "ann1"}}); err == nil {
			t.Fatal("the same username was taken twice")
		}
		all, err := s.ListTasks(t.Context(), task.Filter{State: task.Pending}, 0, 10)
		if err != nil || len(all) != 2 || all[1].Kind != "send_welcome_email" || string(all[1].Args) != fmt.Sprintf(`{"user_id":%d}`, u.ID) {
			t.Fatalf("got %+v, %v, want one for each create that succeeded", all, err)
		}
		for _, one := range all {
			wantDone(t, await(t, s, job.WelcomeEmail(users, out), one.ID), `{"sent":true}`)
		}
		if got := out.to(); len(got) != 2 || got["ann1@example.com"] != 1 || got["bob@example.com"] != 1 {
			t.Errorf("got %v", got)
		}
	})
}

// A repeated welcome has the same id; one to a deleted user is done.
func TestWelcomeEmail_AgainAndGone(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	users := newUsers(s, time.Now)
	k := job.WelcomeEmail(users, out)
	wantDone(t, run(t, s, k, `{"user_id":77}`), `{"sent":false,"reason":"User 77 no longer exists."}`)
	out.fail = func(_ string, n int) error {
		if n == 1 {
			return fault.New(fault.Unavailable, "The server is away.")
		}
		return nil
	}
	u := create(t, users, "ann", 1, true)[0]
	got := run(t, s, k, fmt.Sprintf(`{"user_id":%d}`, u.ID))
	if got.State != task.Pending || got.Attempts != 1 || got.Error != "The server is away." {
		t.Errorf("got %+v", got)
	}
	out.fail = func(string, int) error { return fault.New(fault.Invalid, "No such mailbox.") }
	if got := run(t, s, k, fmt.Sprintf(`{"user_id":%d}`, u.ID)); got.State != task.Dead || got.Attempts != 1 {
		t.Errorf("got %+v, want it to be given up at once", got)
	}
}

func TestCleanupInactiveUsers(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		past := newUsers(s, func() time.Time { return time.Now().AddDate(0, 0, -40) })
		create(t, past, "idle", 2, false)
		create(t, past, "active", 50, true)
		create(t, newUsers(s, time.Now), "fresh", 1, false)
		k := job.CleanupInactiveUsers(newUsers(s, time.Now), s, time.Now)
		total := func(want int64) {
			t.Helper()
			if n, err := s.CountUsers(t.Context(), user.Query{}); err != nil || n != want {
				t.Errorf("got %d users, %v, want %d", n, err, want)
			}
		}
		wantDone(t, run(t, s, k, `{}`), `{"found":0,"removed":0,"dry_run":true}`)
		wantDone(t, run(t, s, k, `{"days":30}`), `{"found":2,"removed":0,"dry_run":true}`)
		total(53)
		if got := run(t, s, k, `{"days":30,"dry_run":false,"max_share":3}`); got.State != task.Dead || !strings.Contains(got.Error, "2 of 53 users, more than 3 %") {
			t.Errorf("got %+v", got)
		}
		total(53)
		wantDone(t, run(t, s, k, `{"days":30,"dry_run":false,"limit":1}`), `{"found":1,"removed":1,"dry_run":false}`)
		wantDone(t, run(t, s, k, `{"days":30,"dry_run":false}`), `{"found":1,"removed":1,"dry_run":false}`)
		total(51)
		rows, err := s.ListAudit(t.Context(), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		deleted := 0
		for _, r := range rows {
			if r.Action == "delete" && r.Actor == "test" && strings.HasPrefix(r.Reason, "task ") && strings.HasSuffix(r.Reason, ", cleanup_inactive_users") {
				deleted++
			}
		}
		if deleted != 2 {
			t.Errorf("got %d deletions in the audit trail, want 2", deleted)
		}
	})
}

// racing has a user activated between the list and the delete.
type racing struct {
	job.Idle
	users *user.Users
}

func (r racing) ListIdle(ctx context.Context, before time.Time, after int64, limit int) ([]int64, error) {
	ids, err := r.Idle.ListIdle(ctx, before, after, limit)
	for _, id := range ids {
		_, failed := r.users.Update(ctx, everybody, id, form.Input{"is_active": {Kind: form.Boolean, Bool: true}}, form.Partial)
		err = errors.Join(err, failed)
	}
	return ids, err
}

func TestCleanupInactiveUsers_LooksAgain(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	create(t, newUsers(s, func() time.Time { return time.Now().AddDate(-2, 0, 0) }), "idle", 1, false)
	users := newUsers(s, time.Now)
	k := job.CleanupInactiveUsers(users, racing{s, users}, time.Now)
	if got := run(t, s, k, `{"dry_run":false,"max_share":100}`); got.State != task.Done {
		t.Errorf("got %+v", got)
	}
	if n, err := s.CountActiveUsers(t.Context()); err != nil || n != 1 {
		t.Errorf("got %d active users, %v, want the one who came back", n, err)
	}
}

// referred has users that rows of other tables refer to.
type referred struct{ job.Remover }

func (r referred) DeleteIf(ctx context.Context, actor access.Actor, id int64, holds func(user.User) bool) (bool, error) {
	if id%2 == 0 {
		return false, fault.New(fault.Conflict, "Rows of the table orders refer to this.")
	}
	return r.Remover.DeleteIf(ctx, actor, id, holds)
}

func TestCleanupInactiveUsers_KeepsReferences(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	create(t, newUsers(s, func() time.Time { return time.Now().AddDate(-2, 0, 0) }), "idle", 4, false)
	k := job.CleanupInactiveUsers(referred{newUsers(s, time.Now)}, s, time.Now)
	got := run(t, s, k, `{"dry_run":false,"max_share":100}`)
	wantDone(t, got, `{"found":4,"removed":2,"kept":2,"dry_run":false}`)
}

// failing loses its storage after some users were deleted.
type failing struct {
	job.Remover
	left int
}

func (f *failing) DeleteIf(ctx context.Context, actor access.Actor, id int64, holds func(user.User) bool) (bool, error) {
	if f.left == 0 {
		return false, errors.New("the database is away")
	}
	f.left--
	return f.Remover.DeleteIf(ctx, actor, id, holds)
}

// What an attempt deleted before it failed counts towards the limits of the next.
func TestCleanupInactiveUsers_TriedAgain(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	create(t, newUsers(s, func() time.Time { return time.Now().AddDate(-2, 0, 0) }), "idle", 10, false)
	f := &failing{newUsers(s, time.Now), 2}
	k := job.CleanupInactiveUsers(f, s, time.Now)
	got := run(t, s, k, `{"dry_run":false,"limit":3,"max_share":30}`)
	if got.State != task.Pending || got.Done != 2 {
		t.Fatalf("got %+v", got)
	}
	again(t, s, got.ID)
	f.left = -1
	wantDone(t, await(t, s, k, got.ID), `{"found":3,"removed":3,"dry_run":false}`)
	if n, err := s.CountUsers(t.Context(), user.Query{}); err != nil || n != 7 {
		t.Errorf("%d users are left, %v, want 7", n, err)
	}
}

func TestDailyReport(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{}
		users := newUsers(s, time.Now)
		create(t, users, "ann", 2, true)
		create(t, users, "bob", 1, false)
		k := job.DailyReport(users, s, out, time.UTC, time.Now)
		for range 2 { // the second takes the place of the first
			got := run(t, s, k, `{"recipients":["x@example.com","y@example.com"]}`)
			var r job.Report
			if err := json.Unmarshal(got.Result, &r); err != nil || got.State != task.Done || r.Total != 3 || r.Active != 2 || r.Inactive != 1 || len(r.Trend) != 30 {
				t.Errorf("got %+v, %v", got, err)
			}
		}
		if got := out.to(); got["x@example.com"] != 2 || got["y@example.com"] != 2 {
			t.Errorf("got %v", got)
		}
	})
}

func TestBackupReminder(t *testing.T) {
	t.Parallel()
	s, out := storetest.OpenSQLite(t), &outbox{}
	made := maker{last: job.MadeBackup{Created: time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)}}
	wantDone(t, run(t, s, job.BackupReminder(made, s, out, time.Now), `{"recipients":["x@example.com"]}`), `{"last":"2026-11-20T01:02:03Z"}`)
	wantDone(t, run(t, s, job.BackupReminder(maker{}, s, out, time.Now), `{}`), `{"last":null}`)
	if got := out.to(); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// maker is a job.Backups.
type maker struct {
	last job.MadeBackup
	err  error
}

func (m maker) LastBackup(context.Context) (job.MadeBackup, error) { return m.last, nil }

func (m maker) MakeBackup(_ context.Context, progress func(int64)) (job.MadeBackup, error) {
	progress(42)
	return job.MadeBackup{Created: time.Unix(0, 0).UTC(), File: "/srv/a.backup", Bytes: 42, Rows: 3}, m.err
}

func TestBackup(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	got := run(t, s, job.Backup(maker{}), `{}`)
	wantDone(t, got, `{"created":"1970-01-01T00:00:00Z","file":"/srv/a.backup","bytes":42,"rows":3}`)
	if got.Done != 42 {
		t.Errorf("got progress %d, want the 42 bytes", got.Done)
	}
	if got := run(t, s, job.Backup(maker{err: fault.New(fault.Unprocessable, "There is no place.")}), `{}`); got.State != task.Dead || got.Attempts != 1 {
		t.Errorf("got %+v, want it to be given up at once", got)
	}
	if got := run(t, s, job.Backup(maker{err: errors.New("the disk is full")}), `{}`); got.State != task.Pending {
		t.Errorf("got %+v, want it to be tried again", got)
	}
}

func TestNoop(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	if got := run(t, s, job.Noop(), `{"milliseconds":1}`); got.State != task.Done || got.Done != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestKeptReports(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	reports := job.NewKeptReports(s)
	if err := s.SaveReport(t.Context(), job.Report{Day: "2026-11-23", Total: 7}, time.Now()); err != nil {
		t.Fatal(err)
	}
	found, err := reports.Find(t.Context(), access.System("test"), "2026-11-23")
	all, failed := reports.List(t.Context(), access.System("test"), 0, 10)
	if n, counted := reports.Count(t.Context(), access.System("test")); n != 1 || len(all) != 1 || found.Total != 7 || errors.Join(err, failed, counted) != nil {
		t.Errorf("got %+v, %+v, %d", found, all, n)
	}
	for _, day := range []string{"2026-11-22", "23.11.2026", ""} {
		if _, err := reports.Find(t.Context(), access.System("test"), day); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v", day, err)
		}
	}
	anonymous := access.Actor{}
	_, err = reports.Find(t.Context(), anonymous, "2026-11-23")
	_, failed = reports.List(t.Context(), anonymous, 0, 10)
	_, counted := reports.Count(t.Context(), anonymous)
	for i, err := range []error{err, failed, counted} {
		if fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("call %d: got %v", i, err)
		}
	}
}
