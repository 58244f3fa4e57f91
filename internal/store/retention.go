package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"roster/internal/store/sqldb"
)

const (
	selectOldTasks  = "SELECT id FROM roster_tasks WHERE state IN ('done', 'canceled') AND finished_at < ? LIMIT ?"
	selectDeadTasks = "SELECT id FROM roster_tasks WHERE state = 'dead' AND finished_at < ? LIMIT ?"
	deleteTasks     = "DELETE FROM roster_tasks WHERE id IN "

	selectDropped = "SELECT id FROM roster_deliveries WHERE task_id IN %s LIMIT ?"
	deleteDropped = "DELETE FROM roster_deliveries WHERE id IN "
)

// DropTasks deletes up to limit tasks that were done or canceled before that
// time, or up to limit of their deliveries, which go first. It returns the number
// of rows.
func (s *Store) DropTasks(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	return s.dropTasks(ctx, selectOldTasks, before, limit)
}

// DropDeadTasks is like DropTasks for dead tasks.
func (s *Store) DropDeadTasks(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	return s.dropTasks(ctx, selectDeadTasks, before, limit)
}

func (s *Store) dropTasks(ctx context.Context, query string, before time.Time, limit int) (int64, error) {
	return s.drop(ctx, query, sqldb.FormatTime(before), limit, func(t sqldb.Tx, ids []string) (int64, error) {
		if n, err := dropDeliveries(t, ids, limit); n > 0 || err != nil {
			return n, err
		}
		return change(t, deleteTasks+marks(len(ids)), values(ids)...)
	})
}

// dropDeliveries deletes up to limit deliveries of tasks.
func dropDeliveries(t sqldb.Tx, tasks []string, limit int) (int64, error) {
	ids, err := sqldb.Texts(t, fmt.Sprintf(selectDropped, marks(len(tasks))), append(values(tasks), int64(limit))...)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return change(t, deleteDropped+marks(len(ids)), values(ids)...)
}

// DropSlots deletes up to limit slots of periodic tasks from before that time,
// and returns their number.
func (s *Store) DropSlots(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.dropOld(ctx, aged{"roster_task_slots", "id", "slot"}, sqldb.FormatTime(before), limit)
}

// DropSessions deletes up to limit sessions that ended before that time, and
// returns their number.
func (s *Store) DropSessions(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.dropOld(ctx, aged{"roster_sessions", "id", "ends_at"}, sqldb.FormatTime(before), limit)
}

// DropCounters deletes up to limit counters of logins whose window ended before
// that time, and returns their number.
func (s *Store) DropCounters(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.dropOld(ctx, aged{"roster_counters", "counter_key", "ends"}, before.UnixMicro(), limit)
}

// DropKeys deletes up to limit idempotency keys from before that time, and
// returns their number.
func (s *Store) DropKeys(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.dropOld(ctx, aged{"roster_idempotency_keys", "key_hash", "created_at"}, sqldb.FormatTime(before), limit)
}

// DropReports deletes up to limit daily reports of days before that time, and
// returns their number.
func (s *Store) DropReports(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.dropOld(ctx, aged{"roster_reports", "day", "day"}, before.UTC().Format(time.DateOnly), limit)
}

// selectOldLog selects the old ones of the first rows of Django's admin log,
// which has no index on its time.
const selectOldLog = "SELECT id FROM (SELECT id, action_time FROM django_admin_log ORDER BY id LIMIT %d) AS oldest WHERE action_time < ? LIMIT ?"

// DropAdminLog deletes up to limit rows of Django's admin log from before that
// time, and returns their number. It looks at the first rows, which are the
// oldest.
func (s *Store) DropAdminLog(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	query, args := fmt.Sprintf(selectOldLog, limit), []driver.Value{sqldb.FormatTime(before), int64(limit)}
	ids, err := read(ctx, s, "look for old rows", func(c sqldb.Conn) ([]string, error) { return sqldb.Texts(c, query, args...) })
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) (err error) {
		n, err = change(t, "DELETE FROM django_admin_log WHERE id IN "+marks(len(ids)), values(ids)...)
		return err
	})
	return n, err
}

// aged is a table whose rows age by an indexed column.
type aged struct{ table, key, column string }

// dropOld deletes up to limit rows, oldest first, whose column is less than before.
func (s *Store) dropOld(ctx context.Context, a aged, before driver.Value, limit int) (int64, error) {
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s < ? ORDER BY %[3]s LIMIT ?", a.key, a.table, a.column)
	return s.drop(ctx, query, before, limit, func(t sqldb.Tx, keys []string) (int64, error) {
		return change(t, "DELETE FROM "+a.table+" WHERE "+a.key+" IN "+marks(len(keys)), values(keys)...)
	})
}

// drop passes the keys selected by a query, given before and limit, to remove in
// a transaction. They are selected again in it, because some may have changed,
// and those locked by other transactions are skipped.
func (s *Store) drop(ctx context.Context, query string, before driver.Value, limit int, remove func(sqldb.Tx, []string) (int64, error)) (n int64, err error) {
	args := []driver.Value{before, int64(limit)}
	old, err := read(ctx, s, "look for old rows", func(c sqldb.Conn) ([]string, error) { return sqldb.Texts(c, query, args...) })
	if err != nil || len(old) == 0 {
		return 0, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		keys, err := sqldb.Texts(t, query+s.skipLocked, args...)
		n = 0
		if err == nil && len(keys) > 0 {
			n, err = remove(t, keys)
		}
		return err
	})
	return n, err
}
