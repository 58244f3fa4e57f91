package periodic_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// Every rule names its field.
func TestCreate_Faults(t *testing.T) {
	t.Parallel()
	s := newSchedules(storetest.OpenSQLite(t))
	create(t, s, daily("taken"))
	hundred := 300
	tests := []struct {
		name string
		edit func(r *schedule.Row)
		want map[string]string // the beginning of the message, by field
	}{
		{"nothing", func(r *schedule.Row) { *r = schedule.Row{} },
			map[string]string{"name": "This field may not be blank.", "task": "This field may not be blank.", "crontab": "A schedule is required"}},
		{"name taken", func(r *schedule.Row) { r.Name = " taken " }, map[string]string{"name": "A schedule with this name already exists"}},
		{"name too long", func(r *schedule.Row) { r.Name = strings.Repeat("é", 201) }, map[string]string{"name": "Ensure this field has no more than 200"}},
		{"null byte", func(r *schedule.Row) { r.Description = "a\x00" }, map[string]string{"description": "Null characters"}},
		{"no such task", func(r *schedule.Row) { r.Task = "play" }, map[string]string{"task": `There is no task "play". The tasks are `}},
		{"not ours", func(r *schedule.Row) { r.Task = "celery.backend_cleanup" }, map[string]string{"task": "results are database rows"}},
		{"crontab", func(r *schedule.Row) { r.Crontab.Minute, r.Crontab.Timezone = "61", "Mars/Base" },
			map[string]string{"crontab.minute": "The minute \"61\"", "crontab.timezone": "The timezone \"Mars/Base\""}},
		{"interval", func(r *schedule.Row) { r.Crontab, r.Interval = nil, &schedule.IntervalSpec{Period: "weeks"} },
			map[string]string{"interval.every": "The number every is 0", "interval.period": "The period \"weeks\""}},
		{"long interval", func(r *schedule.Row) {
			r.Crontab, r.Interval = nil, &schedule.IntervalSpec{Every: 1 << 31, Period: "seconds"}
		}, map[string]string{"interval.every": "Ensure this value is at most"}},
		{"solar", func(r *schedule.Row) { r.Crontab, r.Solar = nil, &schedule.SolarSpec{Event: "moonrise", Latitude: 91} },
			map[string]string{"solar.event": "The event \"moonrise\"", "solar.latitude": "The latitude 91"}},
		{"two schedules", func(r *schedule.Row) { r.Interval = &schedule.IntervalSpec{Every: 1, Period: "days"} },
			map[string]string{"crontab": "Only one of", "interval": "Only one of"}},
		{"clocked again and again", func(r *schedule.Row) { r.Crontab, r.Clocked = nil, noon.Add(time.Hour) },
			map[string]string{"one_off": "A clocked task runs once"}},
		{"clocked and over", func(r *schedule.Row) { r.Crontab, r.Clocked, r.OneOff = nil, noon, true },
			map[string]string{"clocked": "This time is in the past"}},
		{"clocked too late", func(r *schedule.Row) {
			r.Crontab, r.Clocked, r.OneOff = nil, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), true
		}, map[string]string{"clocked": "The clocked_time"}},
		{"ends before it begins", func(r *schedule.Row) { r.StartTime, r.Expires = noon, noon },
			map[string]string{"expires": "The end must be after the start"}},
		{"two ends", func(r *schedule.Row) { r.Expires, r.ExpireSeconds = noon, 5 }, map[string]string{"expire_seconds": "Only one of"}},
		{"negative end", func(r *schedule.Row) { r.ExpireSeconds = -1 }, map[string]string{"expire_seconds": "Ensure this value"}},
		{"year 10000", func(r *schedule.Row) { r.StartTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
			map[string]string{"start_time": "Ensure this is a time"}},
		{"priority", func(r *schedule.Row) { r.Priority = &hundred }, map[string]string{"priority": "Ensure this value is from 0"}},
		{"queue", func(r *schedule.Row) { r.Queue = strings.Repeat("q", 101) }, map[string]string{"queue": "Ensure this field"}},
		{"no JSON", func(r *schedule.Row) { r.Args, r.Kwargs = "[", "{'days':1}" },
			map[string]string{"args": "Enter a JSON array", "kwargs": "Enter a JSON object"}},
		{"other JSON", func(r *schedule.Row) { r.Args, r.Kwargs = "{}", "[]" },
			map[string]string{"args": "The args \"{}\"", "kwargs": "The kwargs \"[]\""}},
		{"what the kind refuses", func(r *schedule.Row) { r.Kwargs = `{"days":-1}` }, map[string]string{"kwargs": "The argument days may not"}},
		{"of another type", func(r *schedule.Row) { r.Kwargs = `{"days":"x"}` },
			map[string]string{"kwargs": "The arguments of tidy cannot be read: days is a string, want a whole number."}},
		{"positional", func(r *schedule.Row) { r.Args = `[1]` }, map[string]string{"args": "The args contain 1 values"}},
	}
	for _, tt := range tests {
		_, err := s.Create(t.Context(), root, func(r *schedule.Row) fault.Fields {
			daily("fine")(r)
			tt.edit(r)
			return nil
		})
		wantFaults(t, tt.name, faultsOf(t, err), tt.want)
	}
}

// wantFaults checks the fields, and how their messages begin.
func wantFaults(t *testing.T, name string, got, want map[string]string) {
	t.Helper()
	for field, text := range want {
		if !strings.HasPrefix(got[field], text) {
			t.Errorf("%s: %s: got %q, want %q", name, field, got[field], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: got %v, want %d faults", name, got, len(want))
	}
}

// Parse errors are reported together with those of the rules, in the
// order of Fields, and is not judged again.
func TestCreate_FaultsOfTheDoor(t *testing.T) {
	t.Parallel()
	s := newSchedules(storetest.OpenSQLite(t))
	_, err := s.Create(t.Context(), root, func(r *schedule.Row) (faults fault.Fields) {
		r.Priority = new(int)
		*r.Priority = -1
		faults.Add("kwargs", "Not an object.")
		faults.Add("crontab.minute", "Not a text.")
		return faults
	})
	if err == nil {
		t.Fatal("it was made")
	}
	var names []string
	for _, f := range err.(*fault.Error).Fields { //nolint:errorlint,forcetypeassert // it is not wrapped
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "name task crontab.minute kwargs priority" {
		t.Errorf("got %s", got)
	}
}

// An entry of another program, and one whose arguments are wrong, can be
// disabled and renamed, and says why it does not run.
func TestUpdate_OfAnotherProgram(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	s := newSchedules(db)
	for i, text := range []string{"'other.tasks.play', '{}'", "'tidy', '{\"days\":\"x\"}'", "'users.tasks.cleanup_inactive_users', '{}'"} {
		sql(t, db, "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (1, 'days')",
			"INSERT INTO django_celery_beat_periodictask (name, task, kwargs, args, enabled, total_run_count, date_changed, description, headers, one_off, interval_id)"+
				" VALUES ('old "+string(rune('a'+i))+"', "+text+", '[]', 1, 4, '2026-11-23 11:00:00', '', '{\"x\":1}', 0, 1)")
	}
	for id, want := range map[int64]string{1: "There is no task", 2: "The arguments of tidy", 3: "It is disabled."} {
		r, err := s.SetEnabled(t.Context(), root, id, false)
		if err != nil || r.Enabled || r.TotalRunCount != 4 {
			t.Errorf("%d: got %+v, %v", id, r, err)
		}
		if p := s.Next(r); !strings.HasPrefix(p.Problem, want) || p.Describe != "every day" {
			t.Errorf("%d: got %+v, want %q", id, p, want)
		}
	}
	_, err := s.Run(t.Context(), root, 1)
	wantKind(t, err, fault.Invalid)
	if _, err := s.Run(t.Context(), root, 3); err != nil {
		t.Errorf("the name that Celery has: %v", err)
	}
}

// sql runs statements in one transaction.
func sql(t *testing.T, db *store.Store, statements ...string) {
	t.Helper()
	err := db.InTaskTx(t.Context(), func(tx task.Tx) error {
		for _, statement := range statements {
			if _, err := tx.(sqldb.Conn).Exec(statement); err != nil { //nolint:forcetypeassert // the store's is one
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A change of when an entry runs, or a pause, does not make up for slots before it.
func TestUpdate_RestartsTheCount(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	s := newSchedules(db)
	made := create(t, s, daily("tidy up"))
	ran := func() {
		t.Helper()
		before, err := s.Find(t.Context(), root, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		err = db.InTaskTx(t.Context(), func(tx task.Tx) error {
			return tx.SaveRun(before.Entry, before.Ran(noon.Add(-30*24*time.Hour)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	update := func(edit func(r *schedule.Row)) schedule.Row {
		t.Helper()
		r, err := s.Update(t.Context(), root, made.ID, func(r *schedule.Row) fault.Fields { edit(r); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	tomorrow := time.Date(2026, 11, 24, 2, 30, 0, 0, time.UTC)
	ran()
	if r := update(func(r *schedule.Row) { r.Description = "x" }); !s.Next(r).Runs[0].Equal(tomorrow) || r.LastRunAt.IsZero() {
		t.Errorf("got %v, want the next slot after the edit", s.Next(r).Runs)
	}
	if r := update(func(r *schedule.Row) { r.Enabled = false }); len(s.Next(r).Runs) > 0 || !r.LastRunAt.IsZero() {
		t.Errorf("got %+v, want no runs", r)
	}
	if r := update(func(r *schedule.Row) { r.Enabled = true }); !s.Next(r).Runs[0].Equal(tomorrow) {
		t.Errorf("got %v, want the next slot after the pause", s.Next(r).Runs)
	}
	ran()
	if r := update(func(r *schedule.Row) { r.Crontab.Hour = "4" }); !s.Next(r).Runs[0].Equal(tomorrow.Add(time.Hour)) {
		t.Errorf("got %v, want the next slot of the new schedule", s.Next(r).Runs)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	s := newSchedules(storetest.OpenSQLite(t))
	p, err := s.Preview(t.Context(), root, 0, daily(""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, at := range p.Runs {
		got = append(got, at.Format("02 15:04"))
	}
	if diff := cmp.Diff([]string{"24 02:30", "25 02:30", "26 02:30", "27 02:30", "28 02:30"}, got); diff != "" || p.Describe != "every day at 03:30 (Europe/Berlin)" {
		t.Errorf("%s: %s", p.Describe, diff)
	}
	_, err = s.Preview(t.Context(), root, 0, func(r *schedule.Row) fault.Fields { daily("")(r); r.Crontab.Hour = "25"; return nil })
	wantFaults(t, "preview", faultsOf(t, err), map[string]string{"crontab.hour": "The hour \"25\""})
	if n, err := s.Count(t.Context(), root, periodic.Filter{}); n != 0 || err != nil {
		t.Errorf("got %d, %v, want nothing to be stored", n, err)
	}
}

// A preview of what is stored already is that of the stored entry, which has missed
// a slot; one of a change begins with the change.
func TestPreview_Stored(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	s := newSchedules(db)
	made := create(t, s, daily("tidy up"))
	sql(t, db, "UPDATE django_celery_beat_periodictask SET date_changed = '2026-11-20 00:00:00', last_run_at = '2026-11-20 02:30:00'")
	for text, want := range map[string]time.Time{"": noon, "changed": time.Date(2026, 11, 24, 2, 30, 0, 0, time.UTC)} {
		p, err := s.Preview(t.Context(), root, made.ID, change(func(r *schedule.Row) { r.Description = text }))
		if err != nil || len(p.Runs) == 0 || !p.Runs[0].Equal(want) {
			t.Errorf("%q: got %+v, %v, want %v first", text, p, err, want)
		}
	}
	_, err := s.Preview(t.Context(), root, 99, daily("x"))
	wantKind(t, err, fault.NotFound)
}

// FuzzPreview has arguments and crontabs of any kind judged without a panic, and
// what is accepted run.
func FuzzPreview(f *testing.F) {
	f.Add("0", "UTC", "[]", `{"days":1}`)
	f.Add("*/7,3-5", "Europe/Berlin", "", "null")
	s := periodic.NewSchedules(nil, kinds(), func() time.Time { return noon }, nil)
	f.Fuzz(func(t *testing.T, minute, zone, args, kwargs string) {
		p, err := s.Preview(t.Context(), root, 0, func(r *schedule.Row) fault.Fields {
			daily("fuzz")(r)
			r.Crontab.Minute, r.Crontab.Timezone, r.Args, r.Kwargs = minute, zone, args, kwargs
			return nil
		})
		if err == nil && (len(p.Runs) != 5 || p.Problem != "") || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %+v, %v", p, err)
		}
	})
}
