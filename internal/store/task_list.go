package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const countFound = "SELECT COUNT(*) FROM (SELECT 1 FROM roster_tasks%s LIMIT ?) found"

// sorted is the maximum number of tasks to sort. With more matches, SQLite
// scans the table by id instead, which is faster.
const sorted = 5000

// ListTasks implements task.Store.
func (s *Store) ListTasks(ctx context.Context, f task.Filter, offset int64, limit int) ([]task.Task, error) {
	return read(ctx, s, "list tasks", func(c sqldb.Conn) ([]task.Task, error) { return s.newestTasks(c, f, offset, limit) })
}

// newestTasks returns the newest tasks that match f.
func (s *Store) newestTasks(c sqldb.Conn, f task.Filter, offset int64, limit int) ([]task.Task, error) {
	w, from := s.taskFilter(f), selectTasks
	if f.State != "" && s.byID != "" {
		f.Words, f.After, f.Through = nil, 0, 0
		n, err := countUpTo(c, s.taskFilter(f), sorted)
		if err != nil {
			return nil, err
		}
		if n == sorted {
			from += s.byID
		}
	}
	return all(c, s.unreadable.tasks(), from+w.String()+newestByID, w.with(int64(limit), offset)...)
}

// CountFound implements task.Store.
func (s *Store) CountFound(ctx context.Context, f task.Filter, most int64) (int64, error) {
	return read(ctx, s, "count tasks that were found", func(c sqldb.Conn) (int64, error) { return countUpTo(c, s.taskFilter(f), most) })
}

// countUpTo counts the tasks that match a condition, up to most.
func countUpTo(c sqldb.Conn, w where, most int64) (int64, error) {
	return sqldb.Integer(c, fmt.Sprintf(countFound, w), w.with(most)...)
}

// taskFilter returns the condition of a filter.
func (d *dialect) taskFilter(f task.Filter) (w where) {
	if f.State == task.Pending {
		w.add("state IN (?, ?)", string(f.State), delayed)
	} else {
		w.addText("state", string(f.State))
	}
	w.addText("kind", f.Kind)
	w.addText("queue", f.Queue)
	w.addIf(f.User > 0, "user_id = ?", f.User)
	w.addSpan("created_at", f.From, f.Before)
	d.addWords(&w, f.Words, "kind", "id", "queue", "actor", "worker", "args", "error")
	w.addIf(f.After > 0, "id > ?", f.After)
	w.addIf(f.Through > 0, "id <= ?", f.Through)
	return w
}

// TaskIDs implements task.Store.
func (s *Store) TaskIDs(ctx context.Context, f task.Filter, limit int) ([]int64, error) {
	w := s.taskFilter(f)
	return read(ctx, s, "list the ids of tasks", func(c sqldb.Conn) ([]int64, error) {
		return all(c, scanID, "SELECT id FROM roster_tasks"+w.String()+" ORDER BY id LIMIT ?", w.with(int64(limit))...)
	})
}

// TaskExtent implements task.Store.
func (s *Store) TaskExtent(ctx context.Context, f task.Filter) (count, through int64, err error) {
	w := s.taskFilter(f)
	err = s.db.Read(ctx, "measure tasks", func(c sqldb.Conn) error {
		return c.Query("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM roster_tasks"+w.String(), func(row []driver.Value) error {
			return sqldb.Scan(row, &count, &through)
		}, w.args...)
	})
	return count, through, err
}

// TaskSpan implements task.Store. Ids are assigned in creation order.
func (s *Store) TaskSpan(ctx context.Context) (first, last time.Time, err error) {
	return s.readSpan(ctx, "find the ends of the tasks",
		"SELECT CAST(created_at AS CHAR) FROM roster_tasks ORDER BY id LIMIT 1", "SELECT CAST(created_at AS CHAR) FROM roster_tasks ORDER BY id DESC LIMIT 1")
}
