package task_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// sql runs statements in one transaction.
func sql(t *testing.T, s *store.Store, statements ...string) {
	t.Helper()
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		for _, statement := range statements {
			if _, err := tx.(sqldb.Conn).Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// entry is the SQL of a periodic task that never ran, edited at a moment.
func entry(id int, name, kwargs string, changed time.Time, more ...string) string {
	columns, values := more[0], more[1]
	return fmt.Sprintf("INSERT INTO django_celery_beat_periodictask (id, name, task, args, kwargs, enabled, total_run_count, date_changed,"+
		" description, headers, one_off, %s) VALUES (%d, '%s %d', '%s', '[]', '%s', 1, 0, '%s', '', '{}', %s)",
		columns, id, name, id, name, kwargs, changed.UTC().Format("2006-01-02 15:04:05.000000"), values)
}

const everyTenSeconds = "INSERT INTO django_celery_beat_intervalschedule (id, every, period) VALUES (1, 10, 'seconds')"

func edited(at time.Time) string {
	return fmt.Sprintf("INSERT INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, '%s')", at.UTC().Format("2006-01-02 15:04:05"))
}

func tasksOf(t *testing.T, s *store.Store) []task.Task {
	t.Helper()
	all, err := s.ListTasks(t.Context(), task.Filter{}, 0, 10000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func schedules(t *testing.T, s *store.Store) map[int64]schedule.Row {
	t.Helper()
	rows, err := s.ListSchedules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byID := map[int64]schedule.Row{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	return byID
}

// onEngines runs a test on an empty database of each engine.
func onEngines(t *testing.T, test func(t *testing.T, db *store.Store)) {
	t.Helper()
	for name, open := range storetest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

var nothing = kindOf(task.Kind{}, nil)

// Three beats on one timetable start each slot once, and keep the columns that
// Celery's beat keeps.
func TestBeat_OncePerSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		begin := time.Now()
		sql(t, s, everyTenSeconds, entry(1, "work", `{"n":4}`, begin, "interval_id, queue, priority, expire_seconds", "0, 1, 'mail', 9, 30"))
		for range 3 {
			b := task.StartBeat(s, task.NewRegistry(nothing), quiet())
			defer b.Stop()
		}
		pause(65 * time.Second)
		all := tasksOf(t, s)
		if len(all) != 6 {
			t.Errorf("got %d tasks in 65 s, want one for each of 6 slots", len(all))
		}
		for _, one := range all {
			if string(one.Args) != `{"n":4}` || one.Queue != "mail" || one.Priority != 9 || one.Actor != "schedule 1, work 1, changed outside Roster" || one.Deadline != one.At.Add(30*time.Second) {
				t.Errorf("got %+v", one)
			}
		}
		if r := schedules(t, s)[1]; r.TotalRunCount != 6 || !r.LastRunAt.Equal(begin.Add(time.Minute)) {
			t.Errorf("got %d runs, the last at %v, want 6 and the last slot", r.TotalRunCount, r.LastRunAt)
		}
	})
}

// Slots that passed while no beat ran are one run; edits are seen within seconds.
func TestBeat_MissedAndEdited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		sql(t, s, everyTenSeconds, edited(time.Now()), entry(1, "work", "{}", time.Now().Add(-time.Hour), "interval_id", "0, 1"))
		b := task.StartBeat(s, task.NewRegistry(nothing), quiet())
		defer b.Stop()
		pause(time.Second)
		if got := len(tasksOf(t, s)); got != 1 {
			t.Errorf("got %d tasks for an hour of missed slots, want 1", got)
		}
		sql(t, s, "UPDATE django_celery_beat_periodictask SET enabled = 0", "UPDATE django_celery_beat_periodictasks SET last_update = '2030-01-01 00:00:00'")
		pause(time.Minute)
		if got := len(tasksOf(t, s)); got != 1 {
			t.Errorf("got %d tasks of a schedule that was disabled, want no more than 1", got)
		}
		sql(t, s, "UPDATE django_celery_beat_periodictask SET enabled = 1", "UPDATE django_celery_beat_periodictasks SET last_update = '2030-01-01 00:00:01'")
		pause(6 * time.Second)
		if got := len(tasksOf(t, s)); got != 2 {
			t.Errorf("got %d tasks after it was enabled again, want 2", got)
		}
	})
}

// Why a schedule is not run is logged once, and again after it has run meanwhile.
func TestBeat_LogsOnceWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var log strings.Builder
		var mu sync.Mutex
		logged := func() string { mu.Lock(); defer mu.Unlock(); return log.String() }
		sql(t, s, everyTenSeconds, edited(time.Now()), entry(1, "work", "[]", time.Now(), "interval_id", "0, 1"))
		b := task.StartBeat(s, task.NewRegistry(nothing), slog.New(slog.NewTextHandler(&locked{w: &log, mu: &mu}, nil)))
		defer b.Stop()
		for i, c := range []struct {
			kwargs string
			lines  int
		}{{"[]", 1}, {"[]", 1}, {"{}", 1}, {"[]", 2}, {`{"m":1}`, 3}} {
			sql(t, s, "UPDATE django_celery_beat_periodictask SET kwargs = '"+c.kwargs+"'",
				fmt.Sprintf("UPDATE django_celery_beat_periodictasks SET last_update = '2030-01-01 00:00:%02d'", i))
			pause(20 * time.Second)
			if got := strings.Count(logged(), "a schedule is not run"); got != c.lines {
				t.Errorf("edit %d: got %d lines, want %d:\n%s", i, got, c.lines, logged())
			}
		}
	})
}

// An entry that is to run once runs once and is disabled, and others are notified.
func TestBeat_OneOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		at := time.Now().Add(30 * time.Second)
		sql(t, s, "INSERT INTO django_celery_beat_clockedschedule (id, clocked_time) VALUES (1, '"+at.UTC().Format(time.DateTime)+"')",
			entry(1, "work", "{}", time.Now(), "clocked_id", "1, 1"))
		before, err := s.LastEdit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := task.StartBeat(s, task.NewRegistry(nothing), quiet())
		defer b.Stop()
		pause(29 * time.Second)
		if got := len(tasksOf(t, s)); got != 0 {
			t.Errorf("got %d tasks too early", got)
		}
		pause(2 * time.Minute)
		if got := len(tasksOf(t, s)); got != 1 || len(schedules(t, s)) != 0 {
			t.Errorf("got %d tasks and %v, want one, and the entry disabled", got, schedules(t, s))
		}
		if after, err := s.LastEdit(t.Context()); err != nil || after == before {
			t.Errorf("got last edit %q, %v, want another than %q", after, err, before)
		}
	})
}

// Entries of other programs, and those that are wrong, do not run, do not keep
// others from it, and are logged once.
func TestBeat_LeavesOthersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var log strings.Builder
		var mu sync.Mutex
		past := time.Now().Add(-time.Hour)
		sql(t, s, everyTenSeconds,
			entry(1, "other.tasks.sync", "{}", past, "interval_id", "0, 1"),
			entry(2, "celery.backend_cleanup", "{}", past, "interval_id", "0, 1"),
			entry(3, "work", `{"m":1}`, past, "interval_id", "0, 1"),
			entry(4, "work", "{}", past, "interval_id", "0, NULL"),
			entry(5, "work", "{}", past, "interval_id", "0, 1"))
		b := task.StartBeat(s, task.NewRegistry(nothing), slog.New(slog.NewTextHandler(&locked{w: &log, mu: &mu}, nil)))
		pause(3*time.Minute + time.Second)
		b.Stop()
		for id, want := range map[int64]int64{1: 0, 2: 0, 3: 0, 4: 0, 5: 19} {
			if got := schedules(t, s)[id].TotalRunCount; got != want {
				t.Errorf("schedule %d: got %d runs, want %d", id, got, want)
			}
		}
		for id := 1; id <= 4; id++ {
			if got := strings.Count(log.String(), fmt.Sprintf(`"a schedule is not run" id=%d`, id)); got != 1 {
				t.Errorf("schedule %d: logged %d times, want once:\n%s", id, got, log.String())
			}
		}
	})
}

// locked is a writer for many goroutines.
type locked struct {
	mu *sync.Mutex
	w  *strings.Builder
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// steered is a timetable whose clock a test sets.
type steered struct {
	*store.Store
	mu  sync.Mutex
	now time.Time
}

func (s *steered) Clock(context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now, nil
}

func (s *steered) set(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = t
}

// A clock that was far ahead for a while does not stop a schedule, and starts no
// slot again that it had started.
func TestBeat_ClockJumps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		s := &steered{Store: open(t), now: begin}
		sql(t, s.Store, everyTenSeconds, entry(1, "work", "{}", begin, "interval_id", "0, 1"))
		b := task.StartBeat(s, task.NewRegistry(nothing), quiet())
		defer b.Stop()
		want := func(now time.Time, count int) {
			t.Helper()
			s.set(now)
			pause(6 * time.Second)
			if got := len(tasksOf(t, s.Store)); got != count {
				t.Errorf("at %v: got %d tasks, want %d", now, got, count)
			}
		}
		want(begin.Add(10*time.Second), 1)
		want(begin.AddDate(10, 0, 0), 2)
		want(begin.Add(10*time.Second), 2) // the slots of the last minute were not run, but this one was
		want(begin.Add(20*time.Second), 3)
		want(begin.Add(20*time.Second), 3)
	})
}

// The schedules of a database that Django made are read on both engines.
func TestBeat_OnBothEngines(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		now, err := s.Clock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sql(t, s, everyTenSeconds,
			"INSERT INTO django_celery_beat_solarschedule (id, event, latitude, longitude) VALUES (1, 'sunset', 52.520008, -13.5)",
			"INSERT INTO django_celery_beat_crontabschedule (id, minute, hour, day_of_week, day_of_month, month_of_year, timezone) VALUES (1, '0', '3', '*', '*', '*', 'Europe/Berlin')",
			entry(1, "work", "{}", now.Add(-time.Hour), "interval_id", "0, 1"),
			entry(2, "work", "{}", now.AddDate(0, 0, -3), "solar_id", "0, 1"),
			entry(3, "work", "{}", now.AddDate(0, 0, -3), "crontab_id", "0, 1"))
		rows := schedules(t, s)
		if r := rows[2]; r.Solar == nil || *r.Solar != (schedule.SolarSpec{Event: "sunset", Latitude: 52.520008, Longitude: -13.5}) {
			t.Errorf("got %+v", r)
		}
		if r := rows[3]; r.Crontab == nil || r.Crontab.Timezone != "Europe/Berlin" || r.Crontab.Hour != "3" {
			t.Errorf("got %+v", r)
		}
		b := task.StartBeat(s, task.NewRegistry(nothing), quiet())
		defer b.Stop()
		begin := time.Now()
		for len(tasksOf(t, s)) < 3 && time.Since(begin) < 30*time.Second {
			pause(50 * time.Millisecond)
		}
		if got := len(tasksOf(t, s)); got != 3 {
			t.Errorf("got %d tasks, want one for each schedule", got)
		}
		for id, r := range schedules(t, s) {
			if r.TotalRunCount != 1 || r.LastRunAt.IsZero() || r.LastRunAt.After(time.Now().Add(time.Minute)) {
				t.Errorf("schedule %d: got %+v", id, r.Entry)
			}
		}
	})
}
