package job_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// needs says which permissions a task takes, beside those on periodic tasks.
var needs = []struct {
	kind, args string
	want       []access.Permission
}{
	{"backup", `{}`, nil},
	{"noop", `{}`, nil},
	{"backup_reminder", `{"recipients":["a@example.com"]}`, []access.Permission{access.MailUser}},
	{"send_welcome_email", `{"user_id":1}`, []access.Permission{access.MailUser}},
	{"send_security_notice", `{"account_id":1,"event":"token_created"}`, []access.Permission{access.Accounts.Change()}},
	{"send_bulk_notification", `{"subject":"S","message":"M"}`, []access.Permission{access.MailUser}},
	{"cleanup_inactive_users", `{"days":30}`, []access.Permission{access.ViewUser, access.DeleteUser}},
	{"cleanup_inactive_users", `{"dry_run":false}`, []access.Permission{access.ViewUser, access.DeleteUser}},
	{"generate_daily_report", `{}`, []access.Permission{access.ViewUser}},
	{"generate_daily_report", `{"recipients":["a@example.com"]}`, []access.Permission{access.ViewUser, access.MailUser}},
}

func TestKinds_Needs(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, tt := range needs {
		covered[tt.kind] = true
		k, err := job.Kinds(job.Services{}).Find(tt.kind)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tt.want {
			lacks := access.NewActor(access.Account{ID: 1, Username: "ada", Permissions: slices.Delete(slices.Clone(tt.want), i, i+1)})
			err := k.Check(lacks, []byte(tt.args))
			want := fmt.Sprintf("Tasks of the kind %s require the permission %s.", tt.kind, tt.want[i])
			if fault.KindOf(err) != fault.Denied || err.Error() != want {
				t.Errorf("%s %s without %s: got %v", tt.kind, tt.args, tt.want[i], err)
			}
		}
		if err := k.Check(access.NewActor(access.Account{ID: 1, Username: "ada", Permissions: tt.want}), []byte(tt.args)); err != nil {
			t.Errorf("%s %s: got %v", tt.kind, tt.args, err)
		}
		if err := k.Check(access.Actor{}, []byte(tt.args)); (fault.KindOf(err) == fault.Unauthenticated) != (len(tt.want) > 0) {
			t.Errorf("%s, anonymous: got %v", tt.kind, err)
		}
	}
	for _, name := range job.Kinds(job.Services{}).Names() {
		if !covered[name] {
			t.Errorf("say in needs what %s takes", name)
		}
	}
}

// background are the services that manage tasks and schedules.
type background struct {
	tasks     *task.Tasks
	schedules *periodic.Schedules
}

func newBackground(s *store.Store) background {
	kinds := job.Kinds(job.Services{})
	return background{
		task.NewTasks(s, kinds, time.Now, slog.New(slog.DiscardHandler)),
		periodic.NewSchedules(s, kinds, time.Now, slog.New(slog.DiscardHandler)),
	}
}

// planner holds every permission on periodic tasks, and the ones given.
func planner(more ...access.Permission) access.Actor {
	m := access.Schedules
	return access.NewActor(access.Account{ID: 7, Username: "ada", Permissions: append(more, m.View(), m.Add(), m.Change(), m.Delete())})
}

// An actor who may only plan tasks can neither start, retry, schedule, reschedule,
// enable nor run one by hand whose work takes more, and can always disable it.
func TestNeeds_OfEveryWay(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		for i, tt := range needs {
			everyWay(t, s, fmt.Sprintf("%s %d", tt.kind, i), tt.kind, tt.args, tt.want)
		}
	})
}

func everyWay(t *testing.T, s *store.Store, name, kind, args string, more []access.Permission) { //nolint:revive // a row of the table
	t.Helper()
	b, ctx := newBackground(s), t.Context()
	hourly := func(name string) periodic.Edit {
		return func(r *schedule.Row) fault.Fields {
			r.Name, r.Task, r.Kwargs, r.Interval = name, kind, args, &schedule.IntervalSpec{Every: 1, Period: "hours"}
			return nil
		}
	}
	ways := map[string]func(actor access.Actor, row schedule.Row, dead int64) error{
		"start": func(actor access.Actor, _ schedule.Row, _ int64) error {
			_, err := b.tasks.Start(ctx, actor, kind, json.RawMessage(args), "")
			return err
		},
		"retry": func(actor access.Actor, _ schedule.Row, dead int64) error { return b.tasks.Retry(ctx, actor, dead) },
		"create": func(actor access.Actor, _ schedule.Row, _ int64) error {
			_, err := b.schedules.Create(ctx, actor, hourly(name+" of "+actor.Name()))
			return err
		},
		"update": func(actor access.Actor, row schedule.Row, _ int64) error {
			_, err := b.schedules.Update(ctx, actor, row.ID, func(r *schedule.Row) fault.Fields { r.Interval.Every = 2; return nil })
			return err
		},
		"another task": func(actor access.Actor, row schedule.Row, _ int64) error {
			_, err := b.schedules.Update(ctx, actor, row.ID, func(r *schedule.Row) fault.Fields { r.Task, r.Kwargs = "noop", "{}"; return nil })
			return err
		},
		"run": func(actor access.Actor, row schedule.Row, _ int64) error {
			_, err := b.schedules.Run(ctx, actor, row.ID)
			return err
		},
		"enable": func(actor access.Actor, row schedule.Row, _ int64) error {
			if _, err := b.schedules.SetEnabled(ctx, actor, row.ID, false); err != nil {
				return fmt.Errorf("disable: %w", err)
			}
			_, err := b.schedules.SetEnabled(ctx, actor, row.ID, true)
			return err
		},
	}
	for way, do := range ways {
		row, err := b.schedules.Create(ctx, access.System("test"), hourly(name+", "+way))
		if err != nil {
			t.Fatal(err)
		}
		dead, err := b.tasks.Start(ctx, access.System("test"), kind, json.RawMessage(args), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.tasks.Cancel(ctx, access.System("test"), dead); err != nil {
			t.Fatal(err)
		}
		err = do(planner(), row, dead)
		if len(more) > 0 && (fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "require the permission")) || len(more) == 0 && err != nil {
			t.Errorf("%s, %s: got %v", name, way, err)
		}
		if len(more) > 0 {
			if err := do(planner(more...), row, dead); err != nil {
				t.Errorf("%s, %s, with permission: got %v", name, way, err)
			}
		}
	}
}

// A batch skips the tasks that the actor may not start.
func TestNeeds_RetryBatch(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		b := newBackground(s)
		for _, kind := range []string{"noop", "generate_daily_report"} {
			id, err := b.tasks.Start(t.Context(), access.System("test"), kind, nil, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := b.tasks.Cancel(t.Context(), access.System("test"), id); err != nil {
				t.Fatal(err)
			}
		}
		r, err := b.tasks.RetryBatch(t.Context(), planner(), task.Batch{})
		if err != nil || r.Changed != 1 || r.Skipped != 1 {
			t.Errorf("got %+v, %v, want the noop alone", r, err)
		}
	})
}

// What a task deletes is recorded under the name of who started it, or of the
// schedule and who changed it last.
func TestCleanup_NamesItsCause(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		long := time.Now().AddDate(-2, 0, 0)
		users := newUsers(s, func() time.Time { return long })
		create(t, users, "idle", 4, false)
		k := job.CleanupInactiveUsers(users, s, time.Now)
		kinds := task.NewRegistry(k)
		tasks := task.NewTasks(s, kinds, time.Now, quiet())
		schedules := periodic.NewSchedules(s, kinds, time.Now, quiet())
		actor := planner(access.ViewUser, access.DeleteUser)
		args := `{"dry_run":false,"max_share":100,"limit":1}`

		id, err := tasks.Start(t.Context(), actor, "cleanup_inactive_users", json.RawMessage(args), "")
		if err != nil {
			t.Fatal(err)
		}
		wantDeletedBy(t, s, k, id, "ada")
		row, err := schedules.Create(t.Context(), actor, func(r *schedule.Row) fault.Fields {
			r.Name, r.Task, r.Kwargs, r.Interval = "tidy up", "cleanup_inactive_users", args, &schedule.IntervalSpec{Every: 1, Period: "hours"}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if id, err = schedules.Run(t.Context(), actor, row.ID); err != nil {
			t.Fatal(err)
		}
		wantDeletedBy(t, s, k, id, "ada")
		wantDeletedBy(t, s, k, due(t, s, kinds, row.ID, "date_changed"), fmt.Sprintf("schedule %d, tidy up, last changed by ada", row.ID))
		wantDeletedBy(t, s, k, due(t, s, kinds, row.ID, "last_run_at"), fmt.Sprintf("schedule %d, tidy up, last changed outside Roster, before that by ada", row.ID))
	})
}

// wantDeletedBy has a worker run a task, and checks the newest deletion.
func wantDeletedBy(t *testing.T, s *store.Store, k task.Kind, id int64, want string) {
	t.Helper()
	if got := await(t, s, k, id); got.State != task.Done {
		t.Fatalf("got %+v", got)
	}
	rows, err := s.FilterAudit(t.Context(), audit.Filter{Action: audit.Delete}, 0, 1)
	reason := fmt.Sprintf("task %d, cleanup_inactive_users", id)
	if err != nil || len(rows) != 1 || rows[0].Actor != want || rows[0].Reason != reason || rows[0].Origin.Door != access.Task {
		t.Errorf("got %+v, %v, want a deletion by %s because of %s", rows, err, want, reason)
	}
}

// due makes a schedule due, by moving one of its times, has a beat start its
// task, and returns that.
func due(t *testing.T, s *store.Store, kinds *task.Registry, id int64, column string) int64 {
	t.Helper()
	before, _, err := s.TaskExtent(t.Context(), task.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	sql := fmt.Sprintf("UPDATE django_celery_beat_periodictask SET %s = '2026-01-01 00:00:00' WHERE id = %d", column, id)
	if column == "last_run_at" { // as another program that edits it
		sql = fmt.Sprintf("UPDATE django_celery_beat_periodictask SET last_run_at = '2026-01-01 00:00:01', date_changed = '%s' WHERE id = %d",
			time.Now().UTC().Add(time.Hour).Format(time.DateTime), id)
	}
	err = s.InTaskTx(t.Context(), func(tx task.Tx) error {
		_, err := tx.(sqldb.Conn).Exec(sql) //nolint:forcetypeassert // the store's is one
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b := task.StartBeat(s, kinds, quiet())
	defer b.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		now, last, err := s.TaskExtent(ctx, task.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if now > before {
			return last
		}
	}
}

// Figures about users are only for actors who may view users.
func TestReports_Figures(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		users := newUsers(s, time.Now)
		create(t, users, "idle", 4, false)
		k := job.CleanupInactiveUsers(users, s, time.Now)
		done := run(t, s, k, `{}`)
		b := newBackground(s)
		for name, tt := range map[string]struct {
			actor access.Actor
			sees  bool
		}{"planner": {planner(), false}, "viewer": {planner(access.ViewUser), true}} {
			found, err := b.tasks.Find(t.Context(), tt.actor, done.ID)
			all, failed := b.tasks.List(t.Context(), tt.actor, task.Filter{}, 0, 10)
			if err != nil || failed != nil || (found.Result != nil) != tt.sees || len(all) != 1 || (all[0].Result != nil) != tt.sees {
				t.Errorf("%s: got %s, %v, %v, %v", name, found.Result, all, err, failed)
			}
			_, err = job.NewKeptReports(s).List(t.Context(), tt.actor, 0, 1)
			if (err == nil) != tt.sees || err != nil && fault.KindOf(err) != fault.Denied {
				t.Errorf("%s, reports: got %v", name, err)
			}
		}
	})
}
