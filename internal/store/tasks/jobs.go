package tasks

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"roster/internal/job"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	selectIdle = "SELECT id FROM t_users WHERE is_active = 0 AND updated_at < ? AND id > ? ORDER BY id LIMIT ?"

	lastPlanned    = "SELECT COALESCE(MAX(user_id), 0) FROM roster_deliveries WHERE task_id = ?"
	planDeliveries = "INSERT INTO roster_deliveries (task_id, user_id, state, error, changed_at)" +
		" SELECT ?, id, 'waiting', '', ? FROM t_users"

	selectOpen = "SELECT id, user_id, error FROM roster_deliveries WHERE task_id = ? AND state IN ('waiting', 'sending') AND id > ?" +
		" ORDER BY id LIMIT ?"
	updateDelivery  = "UPDATE roster_deliveries SET state = ?, error = ?, changed_at = ? WHERE id = ?"
	selectDropped   = "SELECT id FROM roster_deliveries WHERE task_id IN %s LIMIT ?"
	deleteDropped   = "DELETE FROM roster_deliveries WHERE id IN "
	countDeliveries = "SELECT state, COUNT(*) FROM roster_deliveries WHERE task_id = ? GROUP BY state"
)

// ListIdle returns the ids of up to limit users that are not active and were
// last changed before that time, the lowest above after first.
func (s *Store) ListIdle(ctx context.Context, before time.Time, after int64, limit int) (ids []int64, err error) {
	err = s.db.Read(ctx, "list idle users", func(c sqldb.Conn) error {
		ids = nil
		return c.Query(selectIdle, func(row []driver.Value) error {
			id, _ := row[0].(int64)
			ids = append(ids, id)
			return nil
		}, sqldb.FormatTime(before), after, int64(limit))
	})
	return ids, err
}

// PlanDeliveries implements job.Deliveries.
func (s *Store) PlanDeliveries(ctx context.Context, taskID int64, q user.Query, limit int) (n int64, err error) {
	where, args := s.o.Filter(q)
	if where == "" {
		where = " WHERE id > ?"
	} else {
		where += " AND id > ?"
	}
	query := planDeliveries + where + " ORDER BY id LIMIT ?"
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		after, err := sqldb.Integer(t, lastPlanned, taskID)
		if err != nil {
			return err
		}
		values := append([]driver.Value{taskID, sqldb.FormatTime(time.Now())}, args...)
		result, err := t.Exec(query, append(values, after, int64(limit))...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}

// TakeDeliveries implements job.Deliveries.
func (s *Store) TakeDeliveries(ctx context.Context, taskID, after int64, limit int, at time.Time) (ds []job.Delivery, err error) {
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		ds = nil
		err := t.Query(selectOpen, func(row []driver.Value) error {
			d := job.Delivery{State: job.Sending, Error: sqldb.TextOf(row[2]).String}
			d.ID, _ = row[0].(int64)
			d.UserID, _ = row[1].(int64)
			ds = append(ds, d)
			return nil
		}, taskID, after, int64(limit))
		if err != nil {
			return err
		}
		return saveDeliveries(t, ds, at)
	})
	return ds, err
}

// SaveDeliveries implements job.Deliveries.
func (s *Store) SaveDeliveries(ctx context.Context, ds []job.Delivery, at time.Time) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error { return saveDeliveries(t, ds, at) })
}

func saveDeliveries(t sqldb.Tx, ds []job.Delivery, at time.Time) error {
	for _, d := range ds {
		if _, err := t.Exec(updateDelivery, string(d.State), cut(d.Error, maxReason), sqldb.FormatTime(at), d.ID); err != nil {
			return err
		}
	}
	return nil
}

// CountDeliveries implements job.Deliveries.
func (s *Store) CountDeliveries(ctx context.Context, taskID int64) (counts map[job.DeliveryState]int64, err error) {
	err = s.db.Read(ctx, "count deliveries", func(c sqldb.Conn) error {
		counts = make(map[job.DeliveryState]int64)
		return c.Query(countDeliveries, func(row []driver.Value) error {
			n, _ := row[1].(int64)
			counts[job.DeliveryState(sqldb.TextOf(row[0]).String)] = n
			return nil
		}, taskID)
	})
	return counts, err
}

// dropAtOnce is how many deliveries are dropped in one transaction.
const dropAtOnce = 2000

// dropDeliveries drops deliveries of tasks, which may leave some.
func dropDeliveries(t sqldb.Tx, tasks []string) error {
	ids, err := sqldb.Texts(t, fmt.Sprintf(selectDropped, marks(len(tasks))), append(values(tasks), int64(dropAtOnce))...)
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = t.Exec(deleteDropped+marks(len(ids)), values(ids)...)
	return err
}
