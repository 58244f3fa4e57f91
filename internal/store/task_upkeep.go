package store

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	selectLost = selectTasks + " WHERE state = 'running' AND until_at < ? ORDER BY until_at LIMIT ?"
	anyLost    = "SELECT EXISTS (SELECT 1 FROM roster_tasks WHERE state = 'running' AND until_at < ?)"

	// The suffix of parked. The plus keeps SQLite from searching all tasks of a
	// kind.
	selectParked = "SELECT id FROM roster_tasks WHERE state = 'parked' AND ("
	readableKind = "(+kind = ? AND version BETWEEN ? AND ?)"
	unparkTasks  = "UPDATE roster_tasks SET state = 'pending', run_at = ? WHERE state = 'parked' AND id IN "
)

// SweepTasks implements task.Upkeep.
func (s *Store) SweepTasks(ctx context.Context, now time.Time, limit int, decide func(task.Task) task.Outcome) (lost []task.Task, err error) {
	found, err := s.readInteger(ctx, "look for lost tasks", anyLost, sqldb.FormatTime(now))
	if err != nil || found == 0 {
		return nil, err
	}
	err = s.write(ctx, func(t *tx) error {
		if lost, err = all(t, s.unreadable.tasks(), selectLost+s.skipLocked, sqldb.FormatTime(now), int64(limit)); err != nil {
			return err
		}
		for _, l := range lost {
			t.queues = append(t.queues, l.Queue)
			if err := sqldb.FirstError(exec(t, sweepTask, append(outcome(decide(l)), l.ID)...), exec(t, holdTask, l.ID)); err != nil {
				return err
			}
		}
		return nil
	})
	return lost, err
}

// unparkAtOnce is the number of tasks unparked per transaction.
const unparkAtOnce = 1000

// UnparkTasks implements task.Upkeep.
func (s *Store) UnparkTasks(ctx context.Context, readable []task.Versions, now time.Time) error {
	if len(readable) == 0 {
		return nil
	}
	query, args := parked(readable)
	for {
		ids, err := read(ctx, s, "look for parked tasks", func(c sqldb.Conn) ([]string, error) { return sqldb.Texts(c, query, args...) })
		if err != nil || len(ids) == 0 {
			return err
		}
		err = s.db.Write(ctx, func(t sqldb.Tx) error {
			return exec(t, unparkTasks+marks(len(ids)), append([]driver.Value{sqldb.FormatTime(now)}, values(ids)...)...)
		})
		if err != nil || len(ids) < unparkAtOnce {
			return err
		}
	}
}

// parked returns the SELECT of parked tasks with readable arguments, and its
// arguments.
func parked(readable []task.Versions) (query string, args []driver.Value) {
	kinds := make([]string, len(readable))
	for i, v := range readable {
		kinds[i] = readableKind
		args = append(args, v.Kind, int64(v.Oldest), int64(v.Newest))
	}
	return selectParked + strings.Join(kinds, " OR ") + ") LIMIT ?", append(args, int64(unparkAtOnce))
}
