package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

// delayed is the stored state of a pending task that is not due: separate from
// claimable tasks, so that many of them cost nothing.
const delayed = "delayed"

const (
	insertTask = "INSERT INTO roster_tasks (kind, version, queue, priority, args, actor, created_at, run_at, deadline, state, until_at," +
		" trace, user_id, worker, runs, attempts, crashes, cancel_asked, done, total, error, stack)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 0, 0, 0, 0, '', '')"

	selectTasks = "SELECT id, kind, version, queue, priority, args, actor, CAST(created_at AS CHAR), CAST(run_at AS CHAR), CAST(deadline AS CHAR), state," +
		" worker, runs, attempts, crashes, cancel_asked, pause_asked, done, total, result, error, stack, CAST(started_at AS CHAR), CAST(finished_at AS CHAR), trace" +
		" FROM roster_tasks"
	selectTask = selectTasks + " WHERE id = ?"

	cancelTask = "UPDATE roster_tasks SET cancel_asked = 1 WHERE id = ?"
	cancelIdle = "UPDATE roster_tasks SET state = 'canceled', until_at = NULL, finished_at = ?" +
		" WHERE id = ? AND state IN ('pending', 'delayed', 'paused', 'parked')"
	retryTask = "UPDATE roster_tasks SET state = 'pending', until_at = NULL, run_at = ?, deadline = NULL, attempts = 0, crashes = 0," +
		" cancel_asked = 0, pause_asked = 0, finished_at = NULL WHERE id = ? AND state IN ('dead', 'canceled', 'parked', 'delayed')"
	resendTask = "UPDATE roster_tasks SET state = 'pending', until_at = NULL, run_at = ?, deadline = NULL, attempts = 0, crashes = 0," +
		" cancel_asked = 0, pause_asked = 0, finished_at = NULL, result = NULL WHERE id = ? AND state IN ('done', 'dead', 'canceled')"
)

// holdTask makes a pending task paused if a person asked for that.
const (
	pauseTask  = "UPDATE roster_tasks SET pause_asked = 1 WHERE id = ? AND state IN ('pending', 'delayed', 'running')"
	holdTask   = "UPDATE roster_tasks SET state = 'paused', until_at = NULL WHERE id = ? AND pause_asked = 1 AND cancel_asked = 0 AND state IN ('pending', 'delayed')"
	unpause    = "UPDATE roster_tasks SET pause_asked = 0 WHERE id = ?"
	resumeTask = "UPDATE roster_tasks SET state = ?, until_at = ? WHERE id = ? AND state = 'paused'"
)

// The lengths of columns, in code points, and the stored length of an error.
const (
	maxTaskName  = 100
	maxErrorText = 4000
)

// Enqueue implements task.Enqueuer.
func (t *tx) Enqueue(n task.New) (int64, error) {
	t.queues = append(t.queues, n.Queue)
	state, until := waiting(n.RunAt, n.At)
	return insert(t, insertTask, cut(n.Kind, maxTaskName), int64(n.Version), cut(n.Queue, maxTaskName), int64(n.Priority),
		string(n.Args), cut(n.Actor, maxName), sqldb.FormatTime(n.At), sqldb.FormatTime(n.RunAt), timeOrNull(n.Deadline), state, until, textOrNull(t.trace), aboutUser(n.Args))
}

// aboutUser returns the argument user_id of a task, NULL without one.
func aboutUser(args []byte) driver.Value {
	var about struct {
		UserID int64 `json:"user_id"`
	}
	if err := json.Unmarshal(args, &about); err != nil || about.UserID < 1 {
		return nil
	}
	return about.UserID
}

// waiting returns the stored state of a pending task.
func waiting(runAt, now time.Time) (state string, until driver.Value) {
	if runAt.After(now) {
		return delayed, sqldb.FormatTime(runAt)
	}
	return string(task.Pending), nil
}

// FindTask implements task.Store.
func (s *Store) FindTask(ctx context.Context, id int64) (task.Task, error) {
	return read(ctx, s, "find task", func(c sqldb.Conn) (task.Task, error) { return one(c, s.unreadable.tasks(), selectTask, id) })
}

// FindTask implements task.Tx.
func (t *tx) FindTask(id int64) (task.Task, error) {
	return one(t, t.unreadable.tasks(), selectTask+t.forUpdate, id)
}

// CancelTask implements task.Tx.
func (t *tx) CancelTask(id int64, at time.Time) error {
	return sqldb.FirstError(exec(t, cancelTask, id), exec(t, cancelIdle, sqldb.FormatTime(at), id))
}

// RetryTask implements task.Tx.
func (t *tx) RetryTask(id int64, at time.Time) error {
	t.queues = append(t.queues, "")
	now := sqldb.FormatTime(at)
	return sqldb.FirstError(exec(t, retryTask, now, id), exec(t, hastenDeliveries, now, id, now))
}

// PauseTask implements task.Tx.
func (t *tx) PauseTask(id int64) error {
	return sqldb.FirstError(exec(t, pauseTask, id), exec(t, holdTask, id))
}

// ResumeTask implements task.Tx.
func (t *tx) ResumeTask(paused task.Task, at time.Time) error {
	t.queues = append(t.queues, paused.Queue)
	state, until := waiting(paused.RunAt, at)
	return sqldb.FirstError(exec(t, unpause, paused.ID), exec(t, resumeTask, state, until, paused.ID))
}

// ResendTask implements task.Tx.
func (t *tx) ResendTask(id int64, at time.Time) (int64, error) {
	now := sqldb.FormatTime(at)
	n, err := change(t, reopenDeliveries, now, id)
	if err != nil || n == 0 {
		return 0, err
	}
	t.queues = append(t.queues, "")
	return n, exec(t, resendTask, now, id)
}

// scanTask reads a row of selectTasks.
func scanTask(row []driver.Value) (t task.Task, err error) {
	err = sqldb.Scan(row, &t.ID, &t.Kind, &t.Version, &t.Queue, &t.Priority, &t.Args, &t.Actor, &t.At, &t.RunAt, &t.Deadline, &t.State,
		&t.Worker, &t.Runs, &t.Attempts, &t.Crashes, &t.CancelAsked, &t.PauseAsked, &t.Done, &t.Total, &t.Result, &t.Error, &t.Stack,
		&t.Started, &t.Finished, &t.Trace)
	t.State = stateOf(t.State)
	return t, err
}

// stateOf returns the state of a stored one.
func stateOf(stored task.State) task.State {
	if stored == delayed {
		return task.Pending
	}
	return stored
}
