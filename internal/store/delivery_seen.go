package store

import (
	"context"
	"database/sql/driver"
	"strings"

	"roster/internal/job"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// selectSeen selects a page of deliveries, given by a subquery, with their users.
const (
	selectSeen = "SELECT d.id, d.task_id, d.user_id, d.state, d.error, d.attempts, CAST(d.due_at AS CHAR), CAST(d.changed_at AS CHAR)," +
		" COALESCE(u.email, ''), COALESCE(u.username, '') FROM ("
	seenColumns = "SELECT id, task_id, user_id, state, error, attempts, due_at, changed_at FROM roster_deliveries"
	joinUsers   = ") AS d LEFT JOIN t_users AS u ON u.id = d.user_id ORDER BY d.id DESC"
)

// deliveryFilter returns the condition of a filter. Each has an index in the order
// of a list.
func deliveryFilter(f job.DeliveryFilter) (w where) {
	w.addIf(f.TaskID != 0, "task_id = ?", f.TaskID)
	w.addText("state", string(f.State))
	if f.Users != nil {
		w.add("user_id IN "+marks(len(f.Users)), values(f.Users)...)
	}
	return w
}

// ListDeliveries implements job.DeliveryReader. The ids of a mailing's deliveries
// are in the order of its users, by which its index is sorted.
func (s *Store) ListDeliveries(ctx context.Context, f job.DeliveryFilter, offset int64, limit int) ([]job.SeenDelivery, error) {
	if f.Users != nil && len(f.Users) == 0 {
		return nil, nil
	}
	query, args := seenPage(f, offset, limit)
	return read(ctx, s, "list deliveries", func(c sqldb.Conn) ([]job.SeenDelivery, error) { return all(c, scanSeen, query, args...) })
}

// seenPage returns a statement that selects a page of deliveries, and its arguments.
func seenPage(f job.DeliveryFilter, offset int64, limit int) (query string, args []driver.Value) {
	w, order := deliveryFilter(f), newestByID
	if f.TaskID != 0 && f.State == "" && f.Users == nil {
		order = " ORDER BY user_id DESC LIMIT ? OFFSET ?"
	}
	return selectSeen + seenColumns + w.String() + order + joinUsers, w.with(int64(limit), offset)
}

// FindDelivery implements job.DeliveryReader.
func (s *Store) FindDelivery(ctx context.Context, id int64) (job.SeenDelivery, error) {
	return read(ctx, s, "find a delivery", func(c sqldb.Conn) (job.SeenDelivery, error) {
		return one(c, scanSeen, selectSeen+seenColumns+" WHERE id = ?"+joinUsers, id)
	})
}

// CountDeliveriesBy implements job.DeliveryReader.
func (s *Store) CountDeliveriesBy(ctx context.Context, f job.DeliveryFilter, most int64) (map[job.DeliveryState]int64, error) {
	counts := map[job.DeliveryState]int64{}
	if f.Users != nil && len(f.Users) == 0 {
		return counts, nil
	}
	query, args := countedBy(f, most)
	err := s.db.Read(ctx, "count deliveries by state", func(c sqldb.Conn) error {
		return c.Query(query, func(row []driver.Value) error {
			var state job.DeliveryState
			var n int64
			err := sqldb.Scan(row, &state, &n)
			counts[state] = n
			return err
		}, args...)
	})
	return counts, err
}

// countedBy returns a statement that counts up to most deliveries of each state.
func countedBy(f job.DeliveryFilter, most int64) (query string, args []driver.Value) {
	var parts []string
	for _, state := range job.DeliveryStates() {
		if f.State != "" && f.State != state {
			continue
		}
		only := f
		only.State = state
		w := deliveryFilter(only)
		parts = append(parts, "SELECT '"+string(state)+"', COUNT(*) FROM (SELECT 1 FROM roster_deliveries"+w.String()+" LIMIT ?) AS few")
		args = append(args, w.with(most)...)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// recipients returns the condition of the users that get a mailing.
func (d *dialect) recipients(q user.Query) where {
	w := d.filter(candidates{}, q, "is_active")
	w.add(subscribed)
	return w
}

// CountRecipients implements job.DeliveryReader.
func (s *Store) CountRecipients(ctx context.Context, q user.Query) (int64, error) {
	w := s.recipients(q)
	return s.readInteger(ctx, "count recipients", "SELECT COUNT(*) FROM t_users"+w.String(), w.args...)
}

// ListRecipients implements job.DeliveryReader.
func (s *Store) ListRecipients(ctx context.Context, q user.Query, limit int) ([]user.User, error) {
	w := s.recipients(q)
	return read(ctx, s, "list recipients", func(c sqldb.Conn) ([]user.User, error) {
		return all(c, func(row []driver.Value) (u user.User, err error) { scanUser(row, &u); return u, nil }, "SELECT "+userColumns+" FROM t_users"+w.String()+" ORDER BY id LIMIT ?", w.with(int64(limit))...)
	})
}

func scanSeen(row []driver.Value) (d job.SeenDelivery, err error) {
	err = sqldb.Scan(row, &d.ID, &d.TaskID, &d.UserID, &d.State, &d.Error, &d.Attempts, &d.Due, &d.Changed, &d.Address, &d.Username)
	return d, err
}
