package store

import (
	"context"
	"database/sql/driver"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	selectWorkers = "SELECT lease, name, queues, concurrency, running, CAST(started_at AS CHAR), CAST(seen_at AS CHAR) FROM roster_workers" +
		" WHERE seen_at >= ? ORDER BY started_at, lease"
	updateWorker  = "UPDATE roster_workers SET running = ?, seen_at = ? WHERE lease = ?"
	insertWorker  = "INSERT INTO roster_workers (running, seen_at, lease, name, queues, concurrency, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
	deleteWorker  = "DELETE FROM roster_workers WHERE lease = ?"
	deleteWorkers = "DELETE FROM roster_workers WHERE seen_at < ?"
)

// ListWorkers implements task.Store.
func (s *Store) ListWorkers(ctx context.Context, since time.Time) ([]task.WorkerInfo, error) {
	return read(ctx, s, "list workers", func(c sqldb.Conn) ([]task.WorkerInfo, error) {
		return all(c, lenient(s.unreadable, "roster_workers", scanWorker), selectWorkers, sqldb.FormatTime(since))
	})
}

// scanWorker reads a row of selectWorkers.
func scanWorker(row []driver.Value) (w task.WorkerInfo, err error) {
	err = sqldb.Scan(row, &w.ID, &w.Name, &w.Queues, &w.Concurrency, &w.Running, &w.Started, &w.Seen)
	return w, err
}

// SaveWorker implements task.Upkeep.
func (s *Store) SaveWorker(ctx context.Context, w task.WorkerInfo) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		running, seen := int64(w.Running), sqldb.FormatTime(w.Seen)
		if n, err := change(t, updateWorker, running, seen, w.ID); err != nil || n > 0 {
			return err
		}
		if err := exec(t, deleteWorkers, sqldb.FormatTime(w.Seen.Add(-task.Gone))); err != nil {
			return err
		}
		return exec(t, insertWorker, running, seen, w.ID, cut(w.Name, maxName), cut(w.Queues, maxReason), int64(w.Concurrency), sqldb.FormatTime(w.Started))
	})
}

// RemoveWorker implements task.Upkeep.
func (s *Store) RemoveWorker(ctx context.Context, id string) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error { return exec(t, deleteWorker, id) })
}
