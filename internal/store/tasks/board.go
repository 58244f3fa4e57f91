package tasks

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"roster/internal/store/engine"
	"roster/internal/task"
	"roster/internal/task/board"
)

var _ board.Store = (*Store)(nil)

const (
	firstTask = "SELECT created_at || '' FROM roster_tasks ORDER BY id LIMIT 1"
	lastTask  = "SELECT created_at || '' FROM roster_tasks ORDER BY id DESC LIMIT 1"
)

// taskFilter returns the WHERE clause of a query, "" for none, and its arguments.
func (s *Store) taskFilter(q board.Query) (where string, args []driver.Value) {
	where, args = filterTasks(q.Filter)
	var terms []string
	for _, word := range q.Words {
		term, pattern := s.o.HasWord(word, "kind", "actor", "worker", "args", "error")
		terms, args = append(terms, term), append(args, pattern)
	}
	if q.After > 0 {
		terms, args = append(terms, "id > ?"), append(args, q.After)
	}
	if q.Through > 0 {
		terms, args = append(terms, "id <= ?"), append(args, q.Through)
	}
	switch {
	case len(terms) == 0:
		return where, args
	case where == "":
		where = " WHERE "
	default:
		where += " AND "
	}
	return where + strings.Join(terms, " AND "), args
}

// LookForTasks implements board.Store.
func (s *Store) LookForTasks(ctx context.Context, q board.Query, offset int64, limit int) (tasks []task.Task, err error) {
	err = s.db.Read(ctx, "look for tasks", func(c engine.Conn) error {
		tasks, err = s.newest(c, q, offset, limit)
		return err
	})
	return tasks, err
}

// TallyTasks implements board.Store.
func (s *Store) TallyTasks(ctx context.Context, q board.Query, by board.Field, most int) (tally board.Tally, err error) {
	where, args := s.taskFilter(q)
	query := "SELECT value, COUNT(*) FROM (SELECT " + string(by) + " AS value FROM roster_tasks" + where +
		" ORDER BY id DESC LIMIT ?) newest GROUP BY value"
	err = s.db.Read(ctx, "tally tasks", func(c engine.Conn) error {
		tally = board.Tally{Count: map[string]int64{}}
		return c.Query(query, func(row []driver.Value) error {
			n, _ := row[1].(int64)
			value := engine.TextOf(row[0]).String
			if by == board.ByState {
				value = string(stateOf(row[0]))
			}
			tally.Count[value] += n
			tally.Total += n
			return nil
		}, append(args, int64(most)+1)...)
	})
	if tally.Total > int64(most) {
		tally.Total, tally.More = int64(most), true
	}
	return tally, err
}

// TaskIDs implements board.Store.
func (s *Store) TaskIDs(ctx context.Context, q board.Query, limit int) (ids []int64, err error) {
	where, args := s.taskFilter(q)
	err = s.db.Read(ctx, "list the ids of tasks", func(c engine.Conn) error {
		ids = nil
		return c.Query("SELECT id FROM roster_tasks"+where+" ORDER BY id LIMIT ?", func(row []driver.Value) error {
			id, _ := row[0].(int64)
			ids = append(ids, id)
			return nil
		}, append(args, int64(limit))...)
	})
	return ids, err
}

// TaskExtent implements board.Store.
func (s *Store) TaskExtent(ctx context.Context, q board.Query) (count, through int64, err error) {
	where, args := s.taskFilter(q)
	err = s.db.Read(ctx, "measure tasks", func(c engine.Conn) error {
		return c.Query("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM roster_tasks"+where, func(row []driver.Value) error {
			count, _ = row[0].(int64)
			through, _ = row[1].(int64)
			return nil
		}, args...)
	})
	return count, through, err
}

// TaskSpan implements board.Store. Tasks get their ids in the order in which they
// are made.
func (s *Store) TaskSpan(ctx context.Context) (first, last time.Time, err error) {
	err = s.db.Read(ctx, "find the ends of the tasks", func(c engine.Conn) error {
		for query, at := range map[string]*time.Time{firstTask: &first, lastTask: &last} {
			texts, err := engine.Texts(c, query)
			if err != nil {
				return err
			}
			if *at = (time.Time{}); len(texts) > 0 {
				*at, _ = engine.ParseTime(texts[0])
			}
		}
		return nil
	})
	return first, last, err
}
