package store

import (
	"context"
	"database/sql/driver"
	"time"

	"roster/internal/job"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/user"
)

const (
	selectIdle = "SELECT id FROM t_users WHERE is_active = 0 AND updated_at < ? AND id > ? ORDER BY id LIMIT ?"

	lastPlanned    = "SELECT COALESCE(MAX(user_id), 0) FROM roster_deliveries WHERE task_id = ?"
	planDeliveries = "INSERT INTO roster_deliveries (task_id, user_id, state, error, changed_at, due_at)" +
		" SELECT ?, id, 'waiting', '', ?, ? FROM t_users"

	anyDelivery   = "SELECT EXISTS (SELECT 1 FROM roster_deliveries WHERE task_id = ?)"
	planRecipient = "INSERT INTO roster_deliveries (task_id, user_id, state, error, changed_at, due_at) VALUES (?, ?, 'waiting', '', ?, ?)"

	resumeDeliveries = "UPDATE roster_deliveries SET state = 'waiting' WHERE task_id = ? AND state = 'sending'"
	hastenDeliveries = "UPDATE roster_deliveries SET due_at = ? WHERE task_id = ? AND state = 'waiting' AND due_at > ?"
	reopenDeliveries = "UPDATE roster_deliveries SET state = 'waiting', attempts = 0, due_at = ?" +
		" WHERE task_id = ? AND state IN ('waiting', 'sending', 'bounced', 'given_up')"
	selectDue = "SELECT id, user_id, error, attempts FROM roster_deliveries WHERE task_id = ? AND state = 'waiting' AND due_at <= ?" +
		" ORDER BY due_at, id LIMIT ?"
	selectNext      = "SELECT CAST(due_at AS CHAR) FROM roster_deliveries WHERE task_id = ? AND state = 'waiting' ORDER BY due_at LIMIT 1"
	isAsked         = "SELECT EXISTS (SELECT 1 FROM roster_tasks WHERE id = ? AND (pause_asked = 1 OR cancel_asked = 1))"
	updateDelivery  = "UPDATE roster_deliveries SET state = ?, error = ?, attempts = ?, due_at = ?, changed_at = ? WHERE id = ?"
	countDeliveries = "SELECT state, COUNT(*) FROM roster_deliveries WHERE task_id = ? GROUP BY state"
)

// ListIdle returns the ids of up to limit inactive users last changed before
// that time, in ascending order after above.
func (s *Store) ListIdle(ctx context.Context, before time.Time, after int64, limit int) ([]int64, error) {
	return read(ctx, s, "list idle users", func(c sqldb.Conn) ([]int64, error) {
		return all(c, scanID, selectIdle, sqldb.FormatTime(before), after, int64(limit))
	})
}

// PlanDeliveries implements job.Deliveries.
func (s *Store) PlanDeliveries(ctx context.Context, taskID int64, q user.Query, limit int) (n int64, err error) {
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		after, err := sqldb.Integer(t, lastPlanned, taskID)
		if err != nil {
			return err
		}
		w := s.recipients(q)
		w.add("id > ?", after)
		now := sqldb.FormatTime(time.Now())
		args := append([]driver.Value{taskID, now, now}, w.with(int64(limit))...)
		n, err = change(t, planDeliveries+w.String()+" ORDER BY id LIMIT ?", args...)
		return err
	})
	return n, err
}

// PlanRecipients implements job.Deliveries.
func (s *Store) PlanRecipients(ctx context.Context, taskID, skip, count int64) (n int64, err error) {
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		n = 0
		exists, err := sqldb.Integer(t, anyDelivery, taskID)
		if err != nil || exists != 0 {
			return err
		}
		now := sqldb.FormatTime(time.Now())
		for i := skip + 1; i <= count; i++ {
			if err := exec(t, planRecipient, taskID, -i, now, now); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// ResumeDeliveries implements job.Deliveries.
func (s *Store) ResumeDeliveries(ctx context.Context, taskID int64) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error { return exec(t, resumeDeliveries, taskID) })
}

// TakeDeliveries implements job.Deliveries.
func (s *Store) TakeDeliveries(ctx context.Context, taskID int64, limit int, at time.Time) (ds []job.Delivery, err error) {
	var asked bool
	err = s.db.Write(ctx, func(t sqldb.Tx) (err error) {
		ds = nil
		if asked, err = exists(t, isAsked, taskID); err != nil || asked {
			return err
		}
		ds, err = all(t, func(row []driver.Value) (job.Delivery, error) {
			d := job.Delivery{State: job.Sending, Due: at}
			err := sqldb.Scan(row, &d.ID, &d.UserID, &d.Error, &d.Attempts)
			return d, err
		}, selectDue, taskID, sqldb.FormatTime(at), int64(limit))
		if err != nil {
			return err
		}
		return saveDeliveries(t, ds, at)
	})
	if err == nil && asked {
		err = &task.Later{}
	}
	return ds, err
}

// SaveDeliveries implements job.Deliveries.
func (s *Store) SaveDeliveries(ctx context.Context, ds []job.Delivery, at time.Time) error {
	if len(ds) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(t sqldb.Tx) error { return saveDeliveries(t, ds, at) })
}

func saveDeliveries(t sqldb.Tx, ds []job.Delivery, at time.Time) error {
	for _, d := range ds {
		if err := exec(t, updateDelivery, string(d.State), cut(d.Error, maxReason), int64(d.Attempts), sqldb.FormatTime(d.Due), sqldb.FormatTime(at), d.ID); err != nil {
			return err
		}
	}
	return nil
}

// NextDelivery implements job.Deliveries.
func (s *Store) NextDelivery(ctx context.Context, taskID int64) (time.Time, error) {
	return read(ctx, s, "find the next delivery", func(c sqldb.Conn) (time.Time, error) { return timeFrom(c, selectNext, taskID) })
}

// CountDeliveries implements job.Deliveries.
func (s *Store) CountDeliveries(ctx context.Context, taskID int64) (counts map[job.DeliveryState]int64, err error) {
	err = s.db.Read(ctx, "count deliveries", func(c sqldb.Conn) error {
		counts = make(map[job.DeliveryState]int64)
		return c.Query(countDeliveries, func(row []driver.Value) error {
			var state job.DeliveryState
			var n int64
			err := sqldb.Scan(row, &state, &n)
			counts[state] = n
			return err
		}, taskID)
	})
	return counts, err
}
