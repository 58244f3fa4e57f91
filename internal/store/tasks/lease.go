package tasks

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	selectDueIDs = "SELECT id FROM roster_tasks WHERE state = 'delayed' AND until_at <= ? ORDER BY until_at LIMIT 100"
	promoteTasks = "UPDATE roster_tasks SET state = 'pending', until_at = NULL WHERE state = 'delayed' AND id IN "

	// What claimable follows, and claimOrder it.
	selectClaimable = "SELECT id, kind FROM roster_tasks WHERE state = 'pending' AND kind IN "
	claimOrder      = " ORDER BY priority, run_at, id LIMIT ?"
	claimTask       = "UPDATE roster_tasks SET state = 'running', until_at = ?, lease = ?, worker = ?, runs = runs + 1, started_at = ?" +
		" WHERE id = ? AND state = 'pending'"

	held        = " WHERE id = ? AND lease = ? AND runs = ? AND state = 'running'"
	renewTask   = "UPDATE roster_tasks SET until_at = ?, done = ?, total = ?" + held
	selectAsked = "SELECT cancel_asked FROM roster_tasks" + held
	finishTask  = "UPDATE roster_tasks SET done = ?, total = ?, " + settled + held
	sweepTask   = "UPDATE roster_tasks SET " + settled + " WHERE id = ? AND state = 'running'"
	settled     = "state = ?, until_at = ?, run_at = ?, result = ?, error = CASE WHEN ? = '' THEN error ELSE ? END, stack = ?," +
		" attempts = attempts + ?, crashes = crashes + ?, finished_at = ?, lease = NULL"
	selectLost = selectTasks + " WHERE state = 'running' AND until_at < ? ORDER BY until_at LIMIT ?"
	anyLost    = "SELECT EXISTS (SELECT 1 FROM roster_tasks WHERE state = 'running' AND until_at < ?)"

	// What parked follows. The plus keeps SQLite from looking among all of a kind.
	selectParked = "SELECT id FROM roster_tasks WHERE state = 'parked' AND ("
	readableKind = "(+kind = ? AND version BETWEEN ? AND ?)"
	unparkTasks  = "UPDATE roster_tasks SET state = 'pending', run_at = ? WHERE state = 'parked' AND id IN "

	selectOldTasks = "SELECT id FROM roster_tasks WHERE state IN ('done', 'canceled') AND finished_at < ? LIMIT ?"
	deleteTasks    = "DELETE FROM roster_tasks WHERE id IN %s AND NOT EXISTS (SELECT 1 FROM roster_deliveries d WHERE d.task_id = roster_tasks.id)"
	deleteSlots    = "DELETE FROM roster_task_slots WHERE slot < ?"
	deleteWorkers  = "DELETE FROM roster_workers WHERE seen_at < ?"

	updateWorker = "UPDATE roster_workers SET running = ?, seen_at = ? WHERE lease = ?"
	insertWorker = "INSERT INTO roster_workers (running, seen_at, lease, name, queues, concurrency, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
	deleteWorker = "DELETE FROM roster_workers WHERE lease = ?"
)

// Clock implements task.Queue: the server's clock, or this machine's, on which
// a file has all its workers.
func (s *Store) Clock(ctx context.Context) (now time.Time, err error) {
	if s.o.Clock == "" {
		return time.Now().UTC(), nil
	}
	err = s.db.Read(ctx, "read the clock", func(c sqldb.Conn) error {
		texts, err := sqldb.Texts(c, s.o.Clock)
		if err != nil {
			return err
		}
		var ok bool
		if now, ok = sqldb.ParseTime(strings.Join(texts, " ")); !ok {
			err = fmt.Errorf("%q is no time", texts)
		}
		return err
	})
	return now, err
}

// claimable returns the SELECT of what a claim may take, and its arguments.
func claimable(c task.Claim) (query string, args []driver.Value) {
	query = selectClaimable + marks(len(c.Room))
	for _, kind := range slices.Sorted(maps.Keys(c.Room)) {
		args = append(args, kind)
	}
	if len(c.Queues) > 0 {
		query += " AND queue IN " + marks(len(c.Queues))
		for _, queue := range c.Queues {
			args = append(args, queue)
		}
	}
	return query + claimOrder, append(args, int64(c.Limit))
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
		tasks, err = take(t, c, query+s.o.SkipLocked, args)
		return err
	})
	return tasks, err
}

// promote makes tasks pending whose time has come.
func (s *Store) promote(t sqldb.Tx, now time.Time) error {
	due, err := sqldb.Texts(t, selectDueIDs+s.o.SkipLocked, sqldb.FormatTime(now))
	if err != nil || len(due) == 0 {
		return err
	}
	_, err = t.Exec(promoteTasks+marks(len(due)), values(due)...)
	return err
}

// take claims what there is room for, and reads it.
func take(t sqldb.Tx, c task.Claim, query string, args []driver.Value) ([]task.Task, error) {
	var ids []int64
	room := maps.Clone(c.Room)
	err := t.Query(query, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		kind := sqldb.TextOf(row[1]).String
		if room[kind] > 0 {
			room[kind]--
			ids = append(ids, id)
		}
		return nil
	}, args...)
	if err != nil {
		return nil, err
	}
	tasks := make([]task.Task, 0, len(ids))
	for _, id := range ids {
		_, err := t.Exec(claimTask, sqldb.FormatTime(c.Until), c.Lease, cut(c.Worker, maxName), sqldb.FormatTime(c.Now), id)
		if err != nil {
			return nil, err
		}
		claimed, err := findTask(t, selectTask, id)
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
			_, err := t.Exec(renewTask, sqldb.FormatTime(until), r.Done, r.Total, r.ID, lease, int64(r.Number))
			if err != nil {
				return err
			}
			err = t.Query(selectAsked, func(row []driver.Value) error {
				all = append(all, task.Held{ID: r.ID, CancelAsked: sqldb.IsTrue(row[0])})
				return nil
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
		result, err := t.Exec(finishTask, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		kept = n == 1
		return err
	})
	return kept && err == nil, err
}

// outcome returns the values of settled.
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

// SweepTasks implements task.Upkeep.
func (s *Store) SweepTasks(ctx context.Context, now time.Time, limit int, decide func(task.Task) task.Outcome) (lost []task.Task, err error) {
	lostAny := int64(0)
	err = s.db.Read(ctx, "look for lost tasks", func(c sqldb.Conn) error {
		lostAny, err = sqldb.Integer(c, anyLost, sqldb.FormatTime(now))
		return err
	})
	if err != nil || lostAny == 0 {
		return nil, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		if lost, err = listTasks(t, selectLost+s.o.SkipLocked, sqldb.FormatTime(now), int64(limit)); err != nil {
			return err
		}
		for _, l := range lost {
			if _, err := t.Exec(sweepTask, append(outcome(decide(l)), l.ID)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.Wake(queuesOf(lost))
	}
	return lost, err
}

func queuesOf(tasks []task.Task) (queues []string) {
	for _, t := range tasks {
		queues = append(queues, t.Queue)
	}
	return queues
}

// unparkAtOnce is how many tasks are unparked in one transaction.
const unparkAtOnce = 1000

// UnparkTasks implements task.Upkeep.
func (s *Store) UnparkTasks(ctx context.Context, readable []task.Versions, now time.Time) error {
	if len(readable) == 0 {
		return nil
	}
	query, args := parked(readable)
	for {
		var ids []string
		err := s.db.Read(ctx, "look for parked tasks", func(c sqldb.Conn) (err error) {
			ids, err = sqldb.Texts(c, query, args...)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		err = s.db.Write(ctx, func(t sqldb.Tx) error {
			_, err := t.Exec(unparkTasks+marks(len(ids)), append([]driver.Value{sqldb.FormatTime(now)}, values(ids)...)...)
			return err
		})
		if err != nil || len(ids) < unparkAtOnce {
			return err
		}
	}
}

// parked returns the SELECT of parked tasks that can be read, and its arguments.
func parked(readable []task.Versions) (query string, args []driver.Value) {
	kinds := make([]string, len(readable))
	for i, v := range readable {
		kinds[i] = readableKind
		args = append(args, v.Kind, int64(v.Oldest), int64(v.Newest))
	}
	return selectParked + strings.Join(kinds, " OR ") + ") LIMIT ?", append(args, int64(unparkAtOnce))
}

// DropTasks implements task.Upkeep. A task goes after the last of its deliveries,
// which may take some calls.
func (s *Store) DropTasks(ctx context.Context, before time.Time, limit int) (n int, err error) {
	args := []driver.Value{sqldb.FormatTime(before), int64(limit)}
	found := false
	err = s.db.Read(ctx, "look for old tasks", func(c sqldb.Conn) error {
		ids, err := sqldb.Texts(c, selectOldTasks, args...)
		found = len(ids) > 0
		return err
	})
	if err != nil || !found {
		return 0, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) (err error) {
		n, err = dropTasks(t, selectOldTasks+s.o.SkipLocked, args)
		if err == nil {
			_, err = t.Exec(deleteSlots, sqldb.FormatTime(before))
		}
		return err
	})
	return n, err
}

// dropTasks drops the tasks that a query finds: some may have been retried since
// they were looked for.
func dropTasks(t sqldb.Tx, query string, args []driver.Value) (n int, err error) {
	ids, err := sqldb.Texts(t, query, args...)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := dropDeliveries(t, ids); err != nil {
		return 0, err
	}
	result, err := t.Exec(fmt.Sprintf(deleteTasks, marks(len(ids))), values(ids)...)
	if err != nil {
		return 0, err
	}
	dropped, err := result.RowsAffected()
	return int(dropped), err
}

// SaveWorker implements task.Upkeep.
func (s *Store) SaveWorker(ctx context.Context, w task.WorkerInfo) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		running, seen := int64(w.Running), sqldb.FormatTime(w.Seen)
		result, err := t.Exec(updateWorker, running, seen, w.ID)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		if _, err := t.Exec(deleteWorkers, sqldb.FormatTime(w.Seen.Add(-task.Gone))); err != nil {
			return err
		}
		_, err = t.Exec(insertWorker, running, seen, w.ID, cut(w.Name, maxName), cut(w.Queues, maxReason), int64(w.Concurrency), sqldb.FormatTime(w.Started))
		return err
	})
}

// RemoveWorker implements task.Upkeep.
func (s *Store) RemoveWorker(ctx context.Context, id string) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		_, err := t.Exec(deleteWorker, id)
		return err
	})
}
