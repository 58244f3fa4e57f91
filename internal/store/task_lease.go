package store

import (
	"context"
	"database/sql/driver"
	"maps"
	"slices"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	selectDueIDs = "SELECT id FROM roster_tasks WHERE state = 'delayed' AND until_at <= ? ORDER BY until_at LIMIT 100"
	promoteTasks = "UPDATE roster_tasks SET state = 'pending', until_at = NULL WHERE state = 'delayed' AND id IN "

	selectClaimable = "SELECT id, kind FROM roster_tasks"
	claimOrder      = " ORDER BY priority, run_at, id LIMIT ?"
	claimTask       = "UPDATE roster_tasks SET state = 'running', until_at = ?, lease = ?, worker = ?, runs = runs + 1, started_at = ?" +
		" WHERE id = ? AND state = 'pending'"

	held        = " WHERE id = ? AND lease = ? AND runs = ? AND state = 'running'"
	renewTask   = "UPDATE roster_tasks SET until_at = ?, done = ?, total = ?" + held
	selectAsked = "SELECT cancel_asked, pause_asked FROM roster_tasks" + held
	finishTask  = "UPDATE roster_tasks SET done = ?, total = ?, " + settled + held
	sweepTask   = "UPDATE roster_tasks SET " + settled + " WHERE id = ? AND state = 'running'"
	settled     = "state = ?, until_at = ?, run_at = ?, result = ?, error = CASE WHEN ? = '' THEN error ELSE ? END, stack = ?," +
		" attempts = attempts + ?, crashes = crashes + ?, finished_at = ?, lease = NULL"
)

// Clock implements task.Queue: the server's clock, or this machine's, which all
// workers on a file share.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	if s.clock == "" {
		return time.Now().UTC(), nil
	}
	return read(ctx, s, "read the clock", func(c sqldb.Conn) (time.Time, error) { return timeFrom(c, s.clock) })
}

// claimable returns the SELECT of claimable tasks, and its arguments.
func claimable(c task.Claim) (query string, args []driver.Value) {
	var w where
	w.add("state = 'pending'")
	w.add("kind IN "+marks(len(c.Room)), values(slices.Sorted(maps.Keys(c.Room)))...)
	if len(c.Queues) > 0 {
		w.add("queue IN "+marks(len(c.Queues)), values(c.Queues)...)
	}
	return selectClaimable + w.String() + claimOrder, w.with(int64(c.Limit))
}

// ClaimTasks implements task.Queue.
func (s *Store) ClaimTasks(ctx context.Context, c task.Claim) (tasks []task.Task, err error) {
	if len(c.Room) == 0 || c.Limit < 1 {
		return nil, nil
	}
	query, args := claimable(c)
	found := false
	err = s.db.Read(ctx, "look for tasks", func(conn sqldb.Conn) error {
		due, err := sqldb.Texts(conn, selectDueIDs, sqldb.FormatTime(c.Now))
		if err != nil {
			return err
		}
		ready, err := sqldb.Texts(conn, query, args...)
		found = len(due)+len(ready) > 0
		return err
	})
	if err != nil || !found {
		return nil, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		if err := s.promote(t, c.Now); err != nil {
			return err
		}
		tasks, err = s.take(t, c, query+s.skipLocked, args)
		return err
	})
	return tasks, err
}

// promote makes due tasks pending.
func (s *Store) promote(t sqldb.Tx, now time.Time) error {
	due, err := sqldb.Texts(t, selectDueIDs+s.skipLocked, sqldb.FormatTime(now))
	if err != nil || len(due) == 0 {
		return err
	}
	return exec(t, promoteTasks+marks(len(due)), values(due)...)
}

// take claims as many tasks as requested, and reads them.
func (s *Store) take(t sqldb.Tx, c task.Claim, query string, args []driver.Value) ([]task.Task, error) {
	var ids []int64
	room := maps.Clone(c.Room)
	err := t.Query(query, func(row []driver.Value) error {
		var id int64
		var kind string
		err := sqldb.Scan(row, &id, &kind)
		if err == nil && room[kind] > 0 {
			room[kind]--
			ids = append(ids, id)
		}
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	tasks := make([]task.Task, 0, len(ids))
	for _, id := range ids {
		err := exec(t, claimTask, sqldb.FormatTime(c.Until), c.Lease, cut(c.Worker, maxName), sqldb.FormatTime(c.Now), id)
		if err != nil {
			return nil, err
		}
		claimed, err := one(t, s.unreadable.tasks(), selectTask, id)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, claimed)
	}
	return tasks, nil
}

// RenewTasks implements task.Queue.
func (s *Store) RenewTasks(ctx context.Context, lease string, until time.Time, runs []task.Run) (all []task.Held, err error) {
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		all = nil
		for _, r := range runs {
			err := exec(t, renewTask, sqldb.FormatTime(until), r.Done, r.Total, r.ID, lease, int64(r.Number))
			if err != nil {
				return err
			}
			err = t.Query(selectAsked, func(row []driver.Value) error {
				held := task.Held{ID: r.ID}
				err := sqldb.Scan(row, &held.CancelAsked, &held.PauseAsked)
				all = append(all, held)
				return err
			}, r.ID, lease, int64(r.Number))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// FinishTask implements task.Queue.
func (s *Store) FinishTask(ctx context.Context, lease string, run task.Run, o task.Outcome) (kept bool, err error) {
	args := append([]driver.Value{run.Done, run.Total}, outcome(o)...)
	args = append(args, run.ID, lease, int64(run.Number))
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		n, err := change(t, finishTask, args...)
		if kept = n == 1; kept && err == nil && o.State == task.Pending {
			err = exec(t, holdTask, run.ID)
		}
		return err
	})
	return kept && err == nil, err
}

// outcome returns the arguments of settled.
func outcome(o task.Outcome) []driver.Value {
	state, until, runAt := string(o.State), driver.Value(nil), o.At
	if o.State == task.Pending {
		state, until = waiting(o.RunAt, o.At)
		runAt = o.RunAt
	}
	var result, finished driver.Value
	if o.Result != nil {
		result = string(o.Result)
	}
	if o.State.IsFinal() {
		finished = sqldb.FormatTime(o.At)
	}
	text := cut(o.Error, maxErrorText)
	return []driver.Value{state, until, sqldb.FormatTime(runAt), result, text, text, storable(o.Stack), int64(o.Attempts), int64(o.Crashes), finished}
}
