package periodic_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

var root = access.System("test")

// noon is the time of these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type args struct {
	Days int `json:"days"`
}

func (a args) Check() error {
	if a.Days < 0 {
		return fault.New(fault.Invalid, "The argument days may not be below 0.")
	}
	return nil
}

// kinds are a kind of its own name, and one that Celery knows by another.
func kinds() *task.Registry {
	nothing := func(context.Context, *task.Job, args) (any, error) { return nil, nil }
	return task.NewRegistry(
		task.Define(task.Kind{Name: "tidy", Version: 1}, nothing),
		task.Define(task.Kind{Name: "cleanup_inactive_users", Version: 1}, nothing),
	)
}

// newSchedules returns the service at noon.
func newSchedules(db *store.Store) *periodic.Schedules {
	return periodic.NewSchedules(db, kinds(), func() time.Time { return noon }, slog.New(slog.DiscardHandler))
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

// daily is an edit: task tidy, every day at 03:30 in Berlin.
func daily(name string) periodic.Edit {
	return func(r *schedule.Row) fault.Fields {
		r.Name, r.Task = name, "tidy"
		r.Crontab = &schedule.CrontabSpec{Minute: "30", Hour: "3", DayOfWeek: "*", DayOfMonth: "*", MonthOfYear: "*", Timezone: "Europe/Berlin"}
		return nil
	}
}

func create(t *testing.T, s *periodic.Schedules, edit periodic.Edit) schedule.Row {
	t.Helper()
	r, err := s.Create(t.Context(), root, edit)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return r
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("got %v, want kind %d", err, want)
	}
}

func TestSchedules_Story(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		edits := func() string {
			text, err := db.LastEdit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		made := create(t, s, daily("tidy up"))
		found, err := s.Find(t.Context(), root, made.ID)
		if err != nil || !cmp.Equal(made, found) || found.Crontab.Timezone != "Europe/Berlin" || !found.Enabled || found.Kwargs != "{}" || edits() == "" {
			t.Errorf("got %+v, %v, edited %q, want %+v", found, err, edits(), made)
		}
		later := noon.Add(48 * time.Hour)
		changed, err := s.Expecting(periodic.Version(found)).Update(t.Context(), root, made.ID, func(r *schedule.Row) fault.Fields {
			priority := 7
			r.Crontab, r.Interval = nil, &schedule.IntervalSpec{Every: 10, Period: "minutes"}
			r.Kwargs, r.Queue, r.Priority, r.Description, r.Expires = `{"days":3}`, "mail", &priority, "Every so often.", later
			r.ID, r.TotalRunCount = 99, 99 // not editable
			return nil
		})
		if err != nil || changed.ID != made.ID || changed.TotalRunCount != 0 {
			t.Fatalf("got %+v, %v", changed, err)
		}
		if found, err = s.Find(t.Context(), root, made.ID); err != nil || !cmp.Equal(changed, found) || !found.Expires.Equal(later) {
			t.Errorf("got %+v, %v, want %+v", found, err, changed)
		}
		if p := s.Next(found); p.Describe != "every 10 minutes" || len(p.Runs) != 5 || !p.Runs[4].Equal(noon.Add(50*time.Minute)) || p.Problem != "" {
			t.Errorf("got %+v", p)
		}
		wantRun(t, db, s, made.ID)
		if err := s.Delete(t.Context(), root, made.ID); err != nil {
			t.Fatal(err)
		}
		wantKind(t, s.Delete(t.Context(), root, made.ID), fault.NotFound)
		_, err = s.Run(t.Context(), root, made.ID)
		wantKind(t, err, fault.NotFound)
		wantTrail(t, db, "create schedule tidy up", "update schedule tidy up", "create task tidy", "delete schedule tidy up")
	})
}

// wantRun runs the entry, and checks the task.
func wantRun(t *testing.T, db *store.Store, s *periodic.Schedules, id int64) {
	t.Helper()
	taskID, err := s.Run(t.Context(), root, id)
	if err != nil {
		t.Fatal(err)
	}
	started, err := db.FindTask(t.Context(), taskID)
	if err != nil || started.Kind != "tidy" || string(started.Args) != `{"days":3}` || started.Queue != "mail" || started.Priority != 7 {
		t.Errorf("got %+v, %v", started, err)
	}
}

// wantTrail checks the entries of the audit trail.
func wantTrail(t *testing.T, db *store.Store, want ...string) {
	t.Helper()
	rows, err := db.ListAudit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, string(r.Action)+" "+r.Object.Type+" "+r.Object.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trail: %s", diff)
	}
}

// Two who edit the same entry do not overwrite each other; a run that is counted
// does no harm.
func TestSchedules_Expecting(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		made := create(t, s, daily("tidy up"))
		ran := made.Ran(noon)
		err := db.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.SaveRun(made.Entry, ran) })
		if err != nil {
			t.Fatal(err)
		}
		version := periodic.Version(made)
		first, err := s.Expecting(version).SetEnabled(t.Context(), root, made.ID, false)
		if err != nil || first.Enabled || first.TotalRunCount != 1 {
			t.Fatalf("got %+v, %v", first, err)
		}
		_, err = s.Expecting(version).SetEnabled(t.Context(), root, made.ID, true)
		wantKind(t, err, fault.Outdated)
		wantKind(t, s.Expecting(version).Delete(t.Context(), root, made.ID), fault.Outdated)
		wantKind(t, s.Expecting().Delete(t.Context(), root, made.ID), fault.Outdated)
		wantTrail(t, db, "create schedule tidy up", "update schedule tidy up")
	})
}

// Of several who take a name at once one gets it, and the others a fault of the
// name.
func TestSchedules_NameAtOnce(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		var all sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			all.Go(func() { _, errs[i] = s.Create(t.Context(), root, daily("tidy up")) })
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else if got := faultsOf(t, err); got["name"] == "" {
				t.Errorf("got %v", err)
			}
		}
		if n, err := s.Count(t.Context(), root, periodic.Filter{}); made != 1 || n != 1 || err != nil {
			t.Errorf("got %d made, %d there, %v", made, n, err)
		}
	})
}

// faultsOf returns the first message of each field.
func faultsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	found := map[string]string{}
	var fields fault.Fields
	if e, ok := err.(*fault.Error); ok { //nolint:errorlint // it is not wrapped
		fields = e.Fields
	} else if err != nil {
		t.Errorf("got %v, want faults", err)
	}
	for _, f := range fields {
		found[f.Name] = f.Messages[0]
	}
	return found
}

// Entries with the same schedule share its row, as with django-celery-beat.
func TestSchedules_ShareRows(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		at := noon.Add(time.Hour)
		kinds := map[string]func(r *schedule.Row){
			"crontab":  func(r *schedule.Row) { daily(r.Name)(r) },
			"interval": func(r *schedule.Row) { r.Interval = &schedule.IntervalSpec{Every: 3, Period: "hours"} },
			"solar": func(r *schedule.Row) {
				r.Solar = &schedule.SolarSpec{Event: "sunset", Latitude: 51.4779, Longitude: -0.0015}
			},
			"clocked": func(r *schedule.Row) { r.Clocked, r.OneOff = at, true },
		}
		for name, set := range kinds {
			for _, twin := range []string{" one", " two"} {
				made := create(t, s, func(r *schedule.Row) fault.Fields {
					r.Name, r.Task = name+twin, "tidy"
					set(r)
					return nil
				})
				if found, err := s.Find(t.Context(), root, made.ID); err != nil || !cmp.Equal(made, found) {
					t.Errorf("%s: got %+v, %v, want %+v", name, found, err, made)
				}
			}
			if n := countRows(t, db, "django_celery_beat_"+name+"schedule"); n != 1 {
				t.Errorf("%s: got %d rows, want one for both", name, n)
			}
		}
	})
}

func countRows(t *testing.T, db *store.Store, table string) (n int64) {
	t.Helper()
	err := db.InTaskTx(t.Context(), func(tx task.Tx) (err error) {
		n, err = sqldb.Integer(tx.(sqldb.Conn), "SELECT COUNT(*) FROM "+table) //nolint:forcetypeassert // the store's is one
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSchedules_List(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *store.Store) {
		t.Helper()
		s := newSchedules(db)
		for _, name := range []string{"Morning round", "evening round", "night watch"} {
			create(t, s, daily(name))
		}
		if _, err := s.SetEnabled(t.Context(), root, 2, false); err != nil {
			t.Fatal(err)
		}
		for want, f := range map[string]periodic.Filter{
			"1 2 3": {},
			"1 2":   {Words: []string{"ROUND"}},
			"1":     {Words: []string{"round", "tidy"}, Enabled: query.OnlyTrue},
			"2":     {Enabled: query.OnlyFalse},
			"":      {Task: "other"},
		} {
			rows, err := s.List(t.Context(), root, f, 0, 10)
			n, failed := s.Count(t.Context(), root, f)
			var got []string
			for _, r := range rows {
				got = append(got, string(rune('0'+r.ID)))
			}
			if strings.Join(got, " ") != want || err != nil || failed != nil || int(n) != len(rows) {
				t.Errorf("%+v: got %v of %d, %v %v, want %s", f, got, n, err, failed, want)
			}
		}
		if rows, err := s.List(t.Context(), root, periodic.Filter{}, 1, 1); err != nil || len(rows) != 1 || rows[0].ID != 2 {
			t.Errorf("got %+v, %v, want the second", rows, err)
		}
	})
}

func TestSchedules_Permissions(t *testing.T) {
	t.Parallel()
	s := newSchedules(storetest.OpenSQLite(t))
	made := create(t, s, daily("tidy up"))
	viewer := access.NewActor(access.Account{ID: 1, Username: "ann", Permissions: []access.Permission{access.Schedules.View()}})
	anonymous := access.AllowAny.Anonymous()
	for name, act := range map[string]func(a access.Actor) error{
		"find":    func(a access.Actor) error { _, err := s.Find(t.Context(), a, made.ID); return err },
		"list":    func(a access.Actor) error { _, err := s.List(t.Context(), a, periodic.Filter{}, 0, 1); return err },
		"count":   func(a access.Actor) error { _, err := s.Count(t.Context(), a, periodic.Filter{}); return err },
		"preview": func(a access.Actor) error { _, err := s.Preview(t.Context(), a, 0, daily("")); return err },
		"create":  func(a access.Actor) error { _, err := s.Create(t.Context(), a, daily("x")); return err },
		"update":  func(a access.Actor) error { _, err := s.Update(t.Context(), a, made.ID, daily("x")); return err },
		"run":     func(a access.Actor) error { _, err := s.Run(t.Context(), a, made.ID); return err },
		"delete":  func(a access.Actor) error { return s.Delete(t.Context(), a, made.ID) },
	} {
		wantKind(t, act(anonymous), fault.Unauthenticated)
		err := act(viewer)
		if reads := slices.Contains([]string{"find", "list", "count", "preview"}, name); reads != (err == nil) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
