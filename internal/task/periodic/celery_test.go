package periodic_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// change returns an edit that cannot fail.
func change(edit func(r *schedule.Row)) periodic.Edit {
	return func(r *schedule.Row) fault.Fields { edit(r); return nil }
}

func update(t *testing.T, s *periodic.Schedules, id int64, edit func(r *schedule.Row)) schedule.Row {
	t.Helper()
	r, err := s.Update(t.Context(), root, id, change(edit))
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	return r
}

// A schedule of any kind that began long ago does not run at once, neither when
// it is created nor when it is edited or enabled again.
func TestSchedules_NothingBeforeTheEdit(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		for name, set := range map[string]func(r *schedule.Row){
			"crontab":  func(*schedule.Row) {},
			"interval": func(r *schedule.Row) { r.Crontab, r.Interval = nil, &schedule.IntervalSpec{Every: 7, Period: "hours"} },
			"solar":    func(r *schedule.Row) { r.Crontab, r.Solar = nil, &schedule.SolarSpec{Event: "sunrise"} },
			"clocked":  func(r *schedule.Row) { r.Crontab, r.Clocked, r.OneOff = nil, noon.Add(time.Hour), true },
		} {
			now := noon
			s := periodic.NewSchedules(db, kinds(), func() time.Time { return now }, slog.New(slog.DiscardHandler))
			later := func(what string, r schedule.Row) {
				t.Helper()
				p := s.Next(r)
				if p.Problem != "" || len(p.Runs) == 0 || !p.Runs[0].After(now) {
					t.Errorf("%s, %s: got %v, %s, want a run after %v", name, what, p.Runs, p.Problem, now)
				}
			}
			r := create(t, s, change(func(r *schedule.Row) {
				_ = daily(name)(r)
				r.StartTime = noon.AddDate(-1, 0, 0)
				set(r)
			}))
			later("created", r)
			now = now.Add(time.Minute)
			later("edited", update(t, s, r.ID, func(r *schedule.Row) { r.Description = "x" }))
			later("retimed", update(t, s, r.ID, func(r *schedule.Row) { r.StartTime = noon.AddDate(-2, 0, 0) }))
			update(t, s, r.ID, func(r *schedule.Row) { r.Enabled = false })
			now = now.Add(30 * time.Minute)
			later("enabled again", update(t, s, r.ID, func(r *schedule.Row) { r.Enabled = true }))
		}
	})
}

// A clocked schedule whose time is over is refused when it is enabled again.
func TestUpdate_ClockedIsOver(t *testing.T) {
	t.Parallel()
	now := noon
	s := periodic.NewSchedules(storetest.OpenSQLite(t), kinds(), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	r := create(t, s, change(func(r *schedule.Row) {
		_ = daily("once")(r)
		r.Crontab, r.Clocked, r.OneOff = nil, noon.Add(time.Hour), true
	}))
	update(t, s, r.ID, func(r *schedule.Row) { r.Enabled = false })
	now = now.Add(2 * time.Hour)
	_, err := s.SetEnabled(t.Context(), root, r.ID, true)
	wantFaults(t, "enabled", faultsOf(t, err), map[string]string{"clocked": "This time is in the past"})
}

// A one-off schedule runs once more whenever it is enabled, and when a schedule
// that has run becomes one-off.
func TestUpdate_OneOffRunsAgain(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		made := create(t, s, daily("tidy up"))
		ran := func(r schedule.Row) schedule.Row {
			t.Helper()
			err := db.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.SaveRun(r.Entry, r.Ran(noon.Add(-time.Hour))) })
			if err != nil {
				t.Fatal(err)
			}
			found, err := s.Find(t.Context(), root, made.ID)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		runs := func(what string, r schedule.Row) {
			t.Helper()
			if p := s.Next(r); len(p.Runs) != 1 || p.Problem != "" {
				t.Errorf("%s: got %+v, want one run", what, p)
			}
		}
		ran(made)
		r := update(t, s, made.ID, func(r *schedule.Row) { r.OneOff = true })
		runs("made one-off", r)
		if r = ran(r); r.Enabled || s.Next(r).Problem != "It is disabled." {
			t.Errorf("got %+v, %+v, want it disabled", r, s.Next(r))
		}
		runs("enabled again", update(t, s, made.ID, func(r *schedule.Row) { r.Enabled = true }))

		// As Django's admin leaves it.
		sql(t, db, "UPDATE django_celery_beat_periodictask SET one_off = 1, enabled = 1, total_run_count = 4")
		if r, err := s.Find(t.Context(), root, made.ID); err != nil || !strings.HasPrefix(s.Next(r).Problem, "It is one-off and has already run.") {
			t.Errorf("got %+v, %v", s.Next(r), err)
		}
		update(t, s, made.ID, func(r *schedule.Row) { r.Enabled = false })
		runs("disabled and enabled", update(t, s, made.ID, func(r *schedule.Row) { r.Enabled = true }))
	})
}

// What is stored is what Celery reads: names of tasks, days and months.
func TestCreate_AsCeleryReads(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		r := create(t, s, change(func(r *schedule.Row) {
			_ = daily("weekend")(r)
			r.Task = "cleanup_inactive_users"
			r.Crontab.DayOfWeek, r.Crontab.MonthOfYear, r.Crontab.Hour = "6-7", "jan-march", "3, 4"
		}))
		found, err := s.Find(t.Context(), root, r.ID)
		want := schedule.CrontabSpec{Minute: "30", Hour: "3,4", DayOfWeek: "0,6", DayOfMonth: "*", MonthOfYear: "1-3", Timezone: "Europe/Berlin"}
		if err != nil || found.Task != "users.tasks.cleanup_inactive_users" || *found.Crontab != want {
			t.Errorf("got %+v, %+v, %v", found.Task, found.Crontab, err)
		}
		sql(t, db, "UPDATE django_celery_beat_periodictask SET task = 'cleanup_inactive_users'", "UPDATE django_celery_beat_crontabschedule SET day_of_week = '6-7'")
		for _, name := range []string{"cleanup_inactive_users", "users.tasks.cleanup_inactive_users"} {
			if n, err := s.Count(t.Context(), root, periodic.Filter{Task: name}); n != 1 || err != nil {
				t.Errorf("%s: got %d, %v", name, n, err)
			}
		}
		found = update(t, s, r.ID, func(r *schedule.Row) { r.Description = "edited" })
		if found.Task != "users.tasks.cleanup_inactive_users" || found.Crontab.DayOfWeek != "0,6" {
			t.Errorf("got %s, %+v after an edit", found.Task, found.Crontab)
		}
		if n, err := s.Count(t.Context(), root, periodic.Filter{Task: "tidy"}); n != 0 || err != nil {
			t.Errorf("another task: got %d, %v", n, err)
		}
	})
}

// What would end Celery's beat, or make it drop the schedule, is refused.
func TestCreate_BeyondCelery(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	s := newSchedules(db)
	sql(t, db, "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (1, 'days')",
		"INSERT INTO django_celery_beat_periodictask (name, task, kwargs, args, enabled, total_run_count, date_changed, description, headers, one_off, interval_id)"+
			" VALUES ('other', 'other.tasks.play', '{}', '[]', 1, 0, '2026-11-23 11:00:00', '', '{}', 0, 1)")
	for name, tt := range map[string]struct {
		edit func(r *schedule.Row)
		want map[string]string
	}{
		"31 February": {func(r *schedule.Row) { r.Crontab = yearly("31", "2") }, map[string]string{"crontab.day_of_month": `The day_of_month "31" never occurs`}},
		"31 June":     {func(r *schedule.Row) { r.Crontab = yearly("31", "4,6,9,11") }, map[string]string{"crontab.day_of_month": `The day_of_month "31" never occurs`}},
		"localtime":   {func(r *schedule.Row) { r.Crontab = yearly("1", "1"); r.Crontab.Timezone = "localtime" }, map[string]string{"crontab.timezone": `The timezone "localtime"`}},
		"short":       {func(r *schedule.Row) { r.Interval = &schedule.IntervalSpec{Every: 5, Period: "microseconds"} }, map[string]string{"interval.every": "The number every is 5"}},
		"deep":        {func(r *schedule.Row) { r.Args = strings.Repeat("[", 101) + strings.Repeat("]", 101) }, map[string]string{"args": "The args are nested more than 100 levels deep."}},
		"digits":      {func(r *schedule.Row) { r.Kwargs = `{"n":` + strings.Repeat("9", 4001) + "}" }, map[string]string{"kwargs": "The kwargs contain a number of more than 4000 digits."}},
		"typed":       {func(r *schedule.Row) { r.Kwargs = `{"n":{"__type__":"x","__value__":1}}` }, map[string]string{"kwargs": "The kwargs contain __type__"}},
		"not a list":  {func(r *schedule.Row) { r.Args = `{"n":1}` }, map[string]string{"args": `The args "{\"n\":1}" are not a JSON array.`}},
	} {
		_, err := s.Update(t.Context(), root, 1, change(func(r *schedule.Row) {
			if tt.edit(r); r.Crontab != nil {
				r.Interval = nil
			}
		}))
		if err == nil {
			t.Errorf("%s: it was stored", name)
			continue
		}
		wantFaults(t, name, faultsOf(t, err), tt.want)
	}
	r := update(t, s, 1, func(r *schedule.Row) {
		r.Args, r.Kwargs = strings.Repeat("[", 100)+strings.Repeat("]", 100), `{"n":`+strings.Repeat("9", 4000)+"}"
	})
	if r.Task != "other.tasks.play" {
		t.Errorf("got %+v", r)
	}
}

func yearly(day, month string) *schedule.CrontabSpec {
	return &schedule.CrontabSpec{Minute: "0", Hour: "0", DayOfWeek: "*", DayOfMonth: day, MonthOfYear: month, Timezone: "UTC"}
}

// A schedule that Celery cannot load, made by others, can always be disabled, and
// not enabled again.
func TestSetEnabled_BeyondCelery(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		r := create(t, s, daily("february"))
		sql(t, db, "UPDATE django_celery_beat_crontabschedule SET day_of_month = '31', month_of_year = '2', minute = '61'")
		if _, err := s.SetEnabled(t.Context(), root, r.ID, false); err != nil {
			t.Fatal(err)
		}
		_, err := s.SetEnabled(t.Context(), root, r.ID, true)
		wantFaults(t, "enabled", faultsOf(t, err), map[string]string{"crontab.minute": `The minute "61"`})
	})
}

// A one-off schedule that has run, as Django's admin can leave one, is disabled by
// the beat, as by Celery's, so that enabling it runs it again.
func TestBeat_DisablesSpent(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		r := create(t, s, daily("once"))
		sql(t, db, "UPDATE django_celery_beat_periodictask SET one_off = 1, total_run_count = 4")
		b := task.StartBeat(db, kinds(), slog.New(slog.DiscardHandler))
		defer b.Stop()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		for r.Enabled {
			found, err := s.Find(ctx, root, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			r = found
		}
		if r.TotalRunCount != 0 {
			t.Errorf("got %+v, want a new count", r)
		}
		if n := update(t, s, r.ID, func(r *schedule.Row) { r.Enabled = true }); len(s.Next(n).Runs) != 1 {
			t.Errorf("got %+v, want one run", s.Next(n))
		}
	})
}
