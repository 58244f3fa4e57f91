package store_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// onEngines runs a test on an empty database of each engine.
func onEngines(t *testing.T, test func(t *testing.T, engine string, s *store.Store)) {
	t.Helper()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, engine, open(t))
		})
	}
}

// What refers to a row that is only cleared is no reason to keep a user.
func TestReferences_Cleared(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, engine string, s *store.Store) {
		t.Helper()
		for _, statement := range otherTables(engine) {
			execute(t, s, statement)
			if strings.Contains(statement, "TABLE repairs ") {
				execute(t, s, strings.NewReplacer("repairs", "replies", "devices", "notes").Replace(statement))
			}
		}
		if _, err := insert(t, s, someone("noted")); err != nil {
			t.Fatal(err)
		}
		execute(t, s, "INSERT INTO notes (id, of_id) VALUES (1, 1)")
		execute(t, s, "INSERT INTO replies (of_id) VALUES (1)")
		if err := deleteUser(t.Context(), s, 1); err != nil {
			t.Errorf("got %v, want the user deleted", err)
		}
		got, err := store.Texts(t.Context(), s, "SELECT COUNT(*) FROM replies UNION ALL SELECT COUNT(*) FROM notes WHERE of_id IS NULL")
		if err != nil || strings.Join(got, " ") != "1 1" {
			t.Errorf("got %v, %v, want the reply and a note of no user", got, err)
		}
	})
}

// A run that ends for now leaves a task paused if a person asked for that, and did not
// ask for more. Other outcomes stay.
func TestFinishTask_Paused(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, _ string, s *store.Store) {
		t.Helper()
		for i, c := range []struct {
			asked   string // of pause_asked and cancel_asked
			outcome task.State
			want    task.State
		}{
			{"0, cancel_asked = 0", task.Pending, task.Pending}, {"1, cancel_asked = 0", task.Pending, task.Paused},
			{"1, cancel_asked = 1", task.Pending, task.Pending}, {"1, cancel_asked = 0", task.Done, task.Done}, {"1, cancel_asked = 0", task.Dead, task.Dead},
		} {
			id := enqueue(t, s, chore("a", i))[0]
			if got := claim(t, s, "l", 0, 1); len(got) != 1 || got[0].ID != id {
				t.Fatalf("got %+v, want task %d", got, id)
			}
			run(t, s, fmt.Sprintf("UPDATE roster_tasks SET pause_asked = %s WHERE id = %d", c.asked, id))
			kept, err := s.FinishTask(t.Context(), "l", task.Run{ID: id, Number: 1}, task.Outcome{State: c.outcome, At: noon, RunAt: noon.Add(time.Hour)})
			found, err2 := s.FindTask(t.Context(), id)
			if err != nil || err2 != nil || !kept || found.State != c.want {
				t.Errorf("%s, %s: got %s, kept %t, %v, %v, want %s", c.asked, c.outcome, found.State, kept, err, err2, c.want)
			}
		}
	})
}

// Schedulers reread the schedules when an entry is disabled, not when it has run.
// Entries of one position on earth share a row, with six decimals.
func TestSchedules_Edits(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, _ string, s *store.Store) {
		t.Helper()
		var ids []int64
		err := s.InPeriodicTx(t.Context(), func(tx periodic.Tx) error {
			ids = nil
			for i, latitude := range []float64{52.520008, 52.520008, 52.520009} {
				row := schedule.Row{Entry: schedule.Entry{Name: fmt.Sprint("entry", i), Task: "a", Enabled: true}, Solar: &schedule.SolarSpec{Event: "sunset", Latitude: latitude, Longitude: -13.5}}
				id, err := tx.InsertSchedule(row)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return tx.TouchSchedules(noon)
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := store.Texts(t.Context(), s, "SELECT COUNT(*) FROM django_celery_beat_solarschedule")
		all, err2 := s.ListSchedules(t.Context())
		if err != nil || err2 != nil || len(rows) != 1 || rows[0] != "2" || len(all) != 3 || *all[0].Solar != (schedule.SolarSpec{Event: "sunset", Latitude: 52.520008, Longitude: -13.5}) {
			t.Fatalf("got %v positions, %v, of %+v, %v", rows, err, all, err2)
		}
		before, err := s.LastEdit(t.Context())
		if err != nil || before == "" {
			t.Fatalf("got %q, %v", before, err)
		}
		for _, enabled := range []bool{true, false} {
			err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
				row, err := tx.FindSchedule(ids[0])
				if err != nil {
					return err
				}
				after := row.Entry
				after.TotalRunCount, after.Enabled = after.TotalRunCount+1, enabled
				return tx.SaveRun(row.Entry, after)
			})
			edit, err2 := s.LastEdit(t.Context())
			if err != nil || err2 != nil || (edit == before) != enabled {
				t.Errorf("enabled %t: the last edit is %s after %s, %v, %v", enabled, edit, before, err, err2)
			}
		}
	})
}

// An audit trail that was altered keeps its seals. A sound one gets seals of the new
// key, and needs the old one no more.
func TestResealAudit_Altered(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, _ string, s *store.Store) {
		t.Helper()
		actor, quiet := access.System("test"), slog.New(slog.DiscardHandler)
		for i := range 3 {
			storetest.Record(t, s, audit.NewEntry(noon, actor, audit.Update, audit.Object{Type: "user", ID: int64(i + 1), Name: "ann"}, nil))
		}
		if _, err := audit.NewTrail(s, audit.NewChain("old"), quiet).Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		both := audit.NewTrail(s, audit.NewChain("new", "old"), quiet)
		seals := func() (all []string) {
			rows, err := s.ListSealed(t.Context(), 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				all = append(all, r.Seal)
			}
			return all
		}
		before := fmt.Sprint(seals())
		run(t, s, "UPDATE roster_audit_entries SET actor = 'eve' WHERE object_id = 2")
		if _, err := both.Reseal(t.Context(), actor); fault.KindOf(err) != fault.Unprocessable || fmt.Sprint(seals()) != before {
			t.Errorf("altered: got %v and the seals %v, want those of before", err, seals())
		}
		run(t, s, "UPDATE roster_audit_entries SET actor = 'system:test' WHERE object_id = 2")
		if n, err := both.Reseal(t.Context(), actor); err != nil || n != 3 {
			t.Errorf("sound: got %d, %v", n, err)
		}
		if found, err := audit.NewTrail(s, audit.NewChain("new"), quiet).Verify(t.Context(), actor); err != nil || len(found.Problems) != 0 || found.Sealed < 3 {
			t.Errorf("with the new key alone: got %+v, %v", found, err)
		}
	})
}

// A group, a delivery, a report and a task that are not there are not found.
func TestFind_Missing(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, _ string, s *store.Store) {
		t.Helper()
		var id int64
		err := s.InAuthTx(t.Context(), func(tx auth.Tx) (err error) {
			id, err = tx.InsertGroup(auth.Group{Name: "editors"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.FindGroup(t.Context(), id); err != nil || found.Name != "editors" {
			t.Errorf("got %+v, %v", found, err)
		}
		_, group := s.FindGroup(t.Context(), id+1)
		_, delivery := s.FindDelivery(t.Context(), 1)
		_, report := s.FindReport(t.Context(), "2026-11-23")
		_, one := s.FindTask(t.Context(), 1)
		_, found := s.FindUser(t.Context(), 1)
		for name, err := range map[string]error{"group": group, "delivery": delivery, "report": report, "task": one, "user": found} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// A delivery whose stored time cannot be read is an error, not a delivery of another
// time.
func TestFind_Unreadable(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	enqueue(t, s, chore("mail", 1))
	if _, err := s.PlanRecipients(t.Context(), 1, 0, 2); err != nil {
		t.Fatal(err)
	}
	list := func() ([]job.SeenDelivery, error) {
		return s.ListDeliveries(t.Context(), job.DeliveryFilter{TaskID: 1}, 0, 10)
	}
	all, err := list()
	if err != nil || len(all) != 2 {
		t.Fatalf("got %+v, %v", all, err)
	}
	execute(t, s, "UPDATE roster_deliveries SET due_at = 'soon'")
	_, err2 := s.FindDelivery(t.Context(), all[0].ID)
	if _, err := list(); err == nil || err2 == nil {
		t.Errorf("got %v, %v", err, err2)
	}
}
