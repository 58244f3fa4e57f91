package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// everySecond stores a schedule that starts a noop each second from now on.
func everySecond(t *testing.T, db *store.Store) {
	t.Helper()
	now, err := db.Clock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTaskTx(t.Context(), func(tx task.Tx) error {
		for _, statement := range []string{
			"INSERT INTO django_celery_beat_intervalschedule (id, every, period) VALUES (1, 1, 'seconds')",
			fmt.Sprintf("INSERT INTO django_celery_beat_periodictask (id, name, task, args, kwargs, enabled, total_run_count, date_changed,"+
				" description, headers, one_off, interval_id) VALUES (1, 'second', 'noop', '[]', '{}', 1, 0, '%s', '', '{}', 0, 1)",
				now.UTC().Format("2006-01-02 15:04:05.000000")),
		} {
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

// onlySchedule is the schedule of everySecond.
func onlySchedule(t *testing.T, db *store.Store) schedule.Row {
	t.Helper()
	rows, err := db.ListSchedules(t.Context())
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %+v, %v, want one schedule", rows, err)
	}
	return rows[0]
}

// TestDrill_KilledBeatsRunEachSlotOnce has three beats follow a schedule of a
// slot a second and kills one after the other (SIGKILL), one a second. Each
// slot from the first to the last has one run: two of the three are always there.
func TestDrill_KilledBeatsRunEachSlotOnce(t *testing.T) {
	t.Parallel()
	slots := int64(10)
	if os.Getenv("ROSTER_DRILL") == "long" {
		slots = 200
	}
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		db := openStore(t, settings)
		everySecond(t, db)
		var beats []*server
		for range 3 {
			beats = append(beats, startBackground(t, t.TempDir(), settings, "beat"))
		}
		kills := 0
		for onlySchedule(t, db).TotalRunCount < slots {
			<-time.After(500*time.Millisecond + rand.N(500*time.Millisecond))
			beats[0].kill()
			kills++
			beats = append(beats[1:], startBackground(t, t.TempDir(), settings, "beat"))
		}
		for _, b := range beats {
			eventually(t, patience, "the beat to work", func() bool { return strings.Contains(b.logged(), "msg=working") })
			if status := b.stop(); status != 0 {
				t.Errorf("a beat ended with status %d:\n%s", status, b.logged())
			}
		}
		row, runs := onlySchedule(t, db), int64(countState(t, db, task.Pending))
		passed := int64(row.LastRunAt.Sub(row.Changed) / time.Second)
		if runs != row.TotalRunCount || runs != passed {
			t.Errorf("got %d tasks and %d runs for %d slots, want one for each", runs, row.TotalRunCount, passed)
		}
		t.Logf("%d slots, %d kills", passed, kills)
	})
}
