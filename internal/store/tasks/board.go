package tasks

import (
	"context"
	"database/sql/driver"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	firstTask = "SELECT created_at || '' FROM roster_tasks ORDER BY id LIMIT 1"
	lastTask  = "SELECT created_at || '' FROM roster_tasks ORDER BY id DESC LIMIT 1"
)

// CountTasksBy implements task.Store.
func (s *Store) CountTasksBy(ctx context.Context, f task.Filter, by task.Field, most int) (counts task.Counts, err error) {
	where, args := s.filterTasks(f)
	query := "SELECT value, COUNT(*) FROM (SELECT " + string(by) + " AS value FROM roster_tasks" + where +
		" ORDER BY id DESC LIMIT ?) newest GROUP BY value"
	err = s.db.Read(ctx, "count tasks by a field", func(c sqldb.Conn) error {
		counts = task.Counts{Count: map[string]int64{}}
		return c.Query(query, func(row []driver.Value) error {
			n, _ := row[1].(int64)
			value := sqldb.TextOf(row[0]).String
			if by == task.ByState {
				value = string(stateOf(row[0]))
			}
			counts.Count[value] += n
			counts.Total += n
			return nil
		}, append(args, int64(most)+1)...)
	})
	if counts.Total > int64(most) {
		counts.Total, counts.More = int64(most), true
	}
	return counts, err
}

// TaskIDs implements task.Store.
func (s *Store) TaskIDs(ctx context.Context, f task.Filter, limit int) (ids []int64, err error) {
	where, args := s.filterTasks(f)
	err = s.db.Read(ctx, "list the ids of tasks", func(c sqldb.Conn) error {
		ids = nil
		return c.Query("SELECT id FROM roster_tasks"+where+" ORDER BY id LIMIT ?", func(row []driver.Value) error {
			id, _ := row[0].(int64)
			ids = append(ids, id)
			return nil
		}, append(args, int64(limit))...)
	})
	return ids, err
}

// TaskExtent implements task.Store.
func (s *Store) TaskExtent(ctx context.Context, f task.Filter) (count, through int64, err error) {
	where, args := s.filterTasks(f)
	err = s.db.Read(ctx, "measure tasks", func(c sqldb.Conn) error {
		return c.Query("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM roster_tasks"+where, func(row []driver.Value) error {
			count, _ = row[0].(int64)
			through, _ = row[1].(int64)
			return nil
		}, args...)
	})
	return count, through, err
}

// TaskSpan implements task.Store. Tasks get their ids in the order in which they
// are made.
func (s *Store) TaskSpan(ctx context.Context) (first, last time.Time, err error) {
	err = s.db.Read(ctx, "find the ends of the tasks", func(c sqldb.Conn) error {
		for query, at := range map[string]*time.Time{firstTask: &first, lastTask: &last} {
			texts, err := sqldb.Texts(c, query)
			if err != nil {
				return err
			}
			if *at = (time.Time{}); len(texts) > 0 {
				*at, _ = sqldb.ParseTime(texts[0])
			}
		}
		return nil
	})
	return first, last, err
}
