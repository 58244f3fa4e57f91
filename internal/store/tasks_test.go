package store_test

import (
	"fmt"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.RunTasks(t, open)
		})
	}
}

// What workers ask again and again is found by an index, however many tasks are
// over.
func TestTaskPlans_SQLite(t *testing.T) {
	t.Parallel()
	s := openSQLite(t)
	for name, want := range map[string]string{
		"claim": "SEARCH roster_tasks USING INDEX roster_tasks_claim (state=?)\n",
		"due":   "SEARCH roster_tasks USING COVERING INDEX roster_tasks_until (state=? AND until_at<?)\n",
		"lost":  "SEARCH roster_tasks USING INDEX roster_tasks_until (state=? AND until_at<?)\n",
		"old":   "SEARCH roster_tasks USING COVERING INDEX roster_tasks_finished (state=? AND finished_at<?)\n",
	} {
		if got, err := store.Explain(t.Context(), s, "EXPLAIN QUERY PLAN", name, 3); err != nil || got != want {
			t.Errorf("%s: got plan\n%s%v\nwant\n%s", name, got, err, want)
		}
	}
}

func TestTaskPlans_MySQL(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	s := migrated(t, openMySQL(t, o))
	finishTasks(t, s, 3000)
	mysqltest.Rows(t, mysqltest.Connect(t, o.Database), "ANALYZE TABLE roster_tasks")
	for name, want := range map[string]string{"claim": "roster_tasks_claim\n", "due": "roster_tasks_until\n", "lost": "roster_tasks_until\n"} {
		if got, err := store.Explain(t.Context(), s, "EXPLAIN FORMAT=TRADITIONAL", name, 6); err != nil || got != want {
			t.Errorf("%s: got key %q, %v, want %q", name, got, err, want)
		}
	}
}

// finishTasks stores n tasks of which all but ten are canceled.
func finishTasks(t *testing.T, s *store.Store, n int) {
	t.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		for i := range n {
			id, err := tx.Enqueue(task.New{Kind: "a", Version: 1, Queue: "default", Args: []byte(fmt.Sprintf(`{"n":%d}`, i)), At: at, RunAt: at})
			if err != nil {
				return err
			}
			if i < 10 {
				continue
			}
			if err := tx.CancelTask(id, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
