package tasks

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
	"roster/internal/task"
)

// delayed is how a task is stored that is pending and whose time has not come:
// apart from those that a worker can take, so that many of them cost nothing.
const delayed = "delayed"

const (
	insertTask = "INSERT INTO roster_tasks (kind, version, queue, priority, args, actor, created_at, run_at, deadline, state, until_at," +
		" trace, worker, runs, attempts, crashes, cancel_asked, done, total, error, stack)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 0, 0, 0, 0, '', '')"

	selectTasks = "SELECT id, kind, version, queue, priority, args, actor, created_at || '', run_at || '', deadline || '', state," +
		" worker, runs, attempts, crashes, cancel_asked, done, total, result, error, stack, started_at || '', finished_at || '', trace" +
		" FROM roster_tasks"
	selectTask = selectTasks + " WHERE id = ?"

	cancelTask = "UPDATE roster_tasks SET cancel_asked = 1 WHERE id = ?"
	cancelIdle = "UPDATE roster_tasks SET state = 'canceled', until_at = NULL, finished_at = ?" +
		" WHERE id = ? AND state IN ('pending', 'delayed', 'parked')"
	retryTask = "UPDATE roster_tasks SET state = 'pending', until_at = NULL, run_at = ?, deadline = NULL, attempts = 0, crashes = 0," +
		" cancel_asked = 0, finished_at = NULL WHERE id = ? AND state IN ('dead', 'canceled', 'parked')"
)

// The lengths of columns, in code points, and how much of an error is kept.
const (
	maxTaskName  = 100
	maxName      = 200
	maxReason    = 255
	maxErrorText = 4000
)

// Enqueue stores a task, and returns its id. trace is what task.Task says of
// Trace.
func Enqueue(t sqldb.Tx, n task.New, trace string) (int64, error) {
	state, until := waiting(n.RunAt, n.At)
	result, err := t.Exec(insertTask, cut(n.Kind, maxTaskName), int64(n.Version), cut(n.Queue, maxTaskName), int64(n.Priority),
		string(n.Args), cut(n.Actor, maxName), sqldb.FormatTime(n.At), sqldb.FormatTime(n.RunAt), timeOrNull(n.Deadline), state, until, textOrNull(trace))
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// waiting returns how a pending task is stored.
func waiting(runAt, now time.Time) (state string, until driver.Value) {
	if runAt.After(now) {
		return delayed, sqldb.FormatTime(runAt)
	}
	return string(task.Pending), nil
}

// FindTask implements task.Store.
func (s *Store) FindTask(ctx context.Context, id int64) (t task.Task, err error) {
	err = s.db.Read(ctx, "find task", func(c sqldb.Conn) error {
		t, err = findTask(c, selectTask, id)
		return err
	})
	return t, err
}

func findTask(c sqldb.Conn, query string, id int64) (task.Task, error) {
	tasks, err := listTasks(c, query, id)
	if err == nil && len(tasks) == 0 {
		err = fault.New(fault.NotFound, "Not found.")
	}
	if err != nil {
		return task.Task{}, err
	}
	return tasks[0], nil
}

// FindTask implements task.Tx.
func (t tx) FindTask(id int64) (task.Task, error) { return findTask(t, selectTask+t.o.ForUpdate, id) }

// CancelTask implements task.Tx.
func (t tx) CancelTask(id int64, at time.Time) error {
	if _, err := t.Exec(cancelTask, id); err != nil {
		return err
	}
	_, err := t.Exec(cancelIdle, sqldb.FormatTime(at), id)
	return err
}

// RetryTask implements task.Tx.
func (t tx) RetryTask(id int64, at time.Time) error {
	_, err := t.Exec(retryTask, sqldb.FormatTime(at), id)
	*t.queues = append(*t.queues, "")
	return err
}

func listTasks(c sqldb.Conn, query string, args ...driver.Value) (tasks []task.Task, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		t, err := scanTask(row)
		tasks = append(tasks, t)
		return err
	}, args...)
	return tasks, err
}

// scanTask reads a row of selectTasks.
func scanTask(row []driver.Value) (t task.Task, err error) {
	text := func(i int) string { return sqldb.TextOf(row[i]).String }
	t.ID, _ = row[0].(int64)
	t.Kind, t.Version, t.Queue, t.Priority = text(1), intOf(row[2]), text(3), intOf(row[4])
	t.Args, t.Actor = json.RawMessage(text(5)), text(6)
	t.State, t.Worker = stateOf(row[10]), text(11)
	t.Runs, t.Attempts, t.Crashes = intOf(row[12]), intOf(row[13]), intOf(row[14])
	t.CancelAsked = sqldb.IsTrue(row[15])
	t.Done, _ = row[16].(int64)
	t.Total, _ = row[17].(int64)
	if row[18] != nil {
		t.Result = json.RawMessage(text(18))
	}
	t.Error, t.Stack, t.Trace = text(19), text(20), text(23)
	for i, at := range map[int]*time.Time{7: &t.At, 8: &t.RunAt, 9: &t.Deadline, 21: &t.Started, 22: &t.Finished} {
		var ok bool
		if *at, ok = sqldb.ParseTime(text(i)); !ok && row[i] != nil {
			return t, fault.Wrap(fault.Internal, "A stored task cannot be read.", fmt.Errorf("roster_tasks, id %d: column %d is no time", t.ID, i))
		}
	}
	return t, nil
}

func stateOf(value driver.Value) task.State {
	if text := sqldb.TextOf(value).String; text != delayed {
		return task.State(text)
	}
	return task.Pending
}
