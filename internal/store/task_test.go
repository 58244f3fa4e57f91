package store_test

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			runTasks(t, open)
		})
	}
}

// What workers ask again and again is found by an index, however many tasks are
// over.
func TestTaskPlans_SQLite(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	for name, want := range map[string]string{
		"claim": "SEARCH roster_tasks USING INDEX roster_tasks_claim (state=?)\n",
		"due":   "SEARCH roster_tasks USING COVERING INDEX roster_tasks_until (state=? AND until_at<?)\n",
		"lost":  "SEARCH roster_tasks USING INDEX roster_tasks_until (state=? AND until_at<?)\n",
		"old":   "SEARCH roster_tasks USING COVERING INDEX roster_tasks_finished (state=? AND finished_at<?)\n",

		"parked": "SEARCH roster_tasks USING INDEX roster_tasks_claim (state=?)\n",

		"kind":     "SEARCH roster_tasks USING INDEX roster_tasks_kind (kind=?)\n",
		"queue":    "SEARCH roster_tasks USING INDEX roster_tasks_queue (queue=?)\n",
		"newest":   "SCAN roster_tasks\n", // from the end on, by the id
		"frequent": "SCAN roster_tasks\n", // likewise
		"counted":  "CO-ROUTINE found\nSEARCH roster_tasks USING COVERING INDEX roster_tasks_kind (kind=?)\nSCAN found\n",
		"queues":   "SEARCH roster_tasks USING INDEX roster_tasks_claim (state=?)\nUSE TEMP B-TREE FOR GROUP BY\n",
		"rates":    "SEARCH roster_tasks USING COVERING INDEX roster_tasks_finished (state=? AND finished_at>?)\nUSE TEMP B-TREE FOR GROUP BY\nUSE TEMP B-TREE FOR ORDER BY\n",
	} {
		if got := explain(t, s, "EXPLAIN QUERY PLAN ", name, 3); got != want {
			t.Errorf("%s: got plan\n%s\nwant\n%s", name, got, want)
		}
	}
}

// Of a state that many tasks are in the newest are found by going through all
// from the newest on, of a rare one by sorting those.
func TestLookForTasks_FrequentState(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	const all = store.Sorted + 20
	finishTasks(t, s, all)
	for state, want := range map[task.State][2]int64{task.Canceled: {all, all - 1}, task.Pending: {10, 9}} {
		got, err := s.ListTasks(t.Context(), task.Filter{State: state}, 0, 2)
		if err != nil || len(got) != 2 || got[0].ID != want[0] || got[1].ID != want[1] {
			t.Errorf("%s: got %+v, %v, want %v", state, got, err, want)
		}
	}
	for most, want := range map[int64]int64{100: 100, all: all - 10} {
		if got, err := s.CountFound(t.Context(), task.Filter{State: task.Canceled}, most); got != want || err != nil {
			t.Errorf("up to %d: got %d, %v, want %d", most, got, err, want)
		}
	}
}

// Of many parked tasks none is left that can be read, whatever else is parked.
func TestUnparkTasks_Many(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	const many = 1100
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		for i := range 2 * many {
			if _, err := tx.Enqueue(task.New{Kind: []string{"a", "b"}[i/many], Version: 1, Args: []byte("{}")}); err != nil {
				return err
			}
		}
		conn, ok := tx.(sqldb.Conn)
		if !ok {
			return fmt.Errorf("%T runs no statements", tx)
		}
		_, err := conn.Exec("UPDATE roster_tasks SET state = 'parked'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.UnparkTasks(t.Context(), []task.Versions{{Kind: "b", Oldest: 1, Newest: 1}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if counts, err := s.CountTasks(t.Context()); err != nil || counts[task.Parked] != many || counts[task.Pending] != many {
		t.Errorf("got %v, %v, want half of %d to be pending", counts, err, 2*many)
	}
}

func TestTaskPlans_MySQL(t *testing.T) {
	t.Parallel()
	s := storetest.OpenMySQL(t)
	finishTasks(t, s, 3000)
	explain(t, s, "ANALYZE TABLE roster_tasks", "", 0)
	for name, want := range map[string]string{"claim": "roster_tasks_claim\n", "due": "roster_tasks_until\n", "lost": "roster_tasks_until\n"} {
		if got := explain(t, s, "EXPLAIN FORMAT=TRADITIONAL ", name, 6); got != want {
			t.Errorf("%s: got key %q, want %q", name, got, want)
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

// explain runs a command on a statement, and returns a column of the answer.
func explain(t *testing.T, s *store.Store, command, name string, column int) (answer string) {
	t.Helper()
	statement := store.TaskStatement(name)
	args := make([]driver.Value, strings.Count(statement, "?"))
	for i := range args {
		args[i] = int64(7)
	}
	err := s.InTaskTx(t.Context(), func(tx task.Tx) error {
		conn, ok := tx.(sqldb.Conn)
		if !ok {
			return fmt.Errorf("%T runs no statements", tx)
		}
		return conn.Query(command+statement, func(row []driver.Value) error {
			answer += sqldb.TextOf(row[column]).String + "\n"
			return nil
		}, args...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
