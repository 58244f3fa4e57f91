package tasks

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	newestTasks = " ORDER BY id DESC LIMIT ? OFFSET ?"
	countFound  = "SELECT COUNT(*) FROM (SELECT 1 FROM roster_tasks%s LIMIT ?) found"
	countTasks  = "SELECT state, COUNT(*) FROM roster_tasks GROUP BY state"
	countQueues = "SELECT queue, state, COUNT(*) FROM roster_tasks" +
		" WHERE state IN ('pending', 'delayed', 'running', 'parked', 'dead') GROUP BY queue, state"
	// The span is the beginning of the time as text.
	countFinished = "SELECT state, SUBSTR(finished_at || '', 1, ?) AS span, COUNT(*) FROM roster_tasks" +
		" WHERE state IN ('done', 'dead', 'canceled') AND finished_at >= ? GROUP BY state, span ORDER BY span"

	selectWorkers = "SELECT lease, name, queues, concurrency, running, started_at || '', seen_at || '' FROM roster_workers" +
		" WHERE seen_at >= ? ORDER BY started_at, lease"
)

// sorted is how many tasks are brought into order at most, where the database has
// to be told that to go through them by id is less work.
const sorted = 5000

// ListTasks implements task.Store.
func (s *Store) ListTasks(ctx context.Context, f task.Filter, offset int64, limit int) (tasks []task.Task, err error) {
	err = s.db.Read(ctx, "list tasks", func(c sqldb.Conn) error {
		tasks, err = s.newest(c, f, offset, limit)
		return err
	})
	return tasks, err
}

// newest returns the newest tasks that f selects.
func (s *Store) newest(c sqldb.Conn, f task.Filter, offset int64, limit int) ([]task.Task, error) {
	where, args := s.filterTasks(f)
	from := selectTasks
	if f.State != "" && s.o.ByID != "" {
		f.Words, f.After, f.Through = nil, 0, 0
		some, values := s.filterTasks(f)
		n, err := countUpTo(c, some, values, sorted)
		if err != nil {
			return nil, err
		}
		if n == sorted {
			from += s.o.ByID
		}
	}
	return listTasks(c, from+where+newestTasks, append(args, int64(limit), offset)...)
}

// CountFound implements task.Store.
func (s *Store) CountFound(ctx context.Context, f task.Filter, most int64) (n int64, err error) {
	where, args := s.filterTasks(f)
	err = s.db.Read(ctx, "count tasks that were found", func(c sqldb.Conn) error {
		n, err = countUpTo(c, where, args, most)
		return err
	})
	return n, err
}

// countUpTo counts what a clause leaves, up to most.
func countUpTo(c sqldb.Conn, where string, args []driver.Value, most int64) (int64, error) {
	return sqldb.Integer(c, fmt.Sprintf(countFound, where), append(slices.Clone(args), most)...)
}

// filterTasks returns the WHERE clause of a filter, "" for none, and its arguments.
func (s *Store) filterTasks(f task.Filter) (where string, args []driver.Value) {
	var conditions []string
	add := func(given bool, condition string, values ...driver.Value) {
		if given {
			conditions, args = append(conditions, condition), append(args, values...)
		}
	}
	add(f.State == task.Pending, "state IN (?, ?)", string(f.State), delayed)
	add(f.State != "" && f.State != task.Pending, "state = ?", string(f.State))
	add(f.Kind != "", "kind = ?", f.Kind)
	add(f.Queue != "", "queue = ?", f.Queue)
	add(!f.From.IsZero(), "created_at >= ?", sqldb.FormatTime(f.From))
	add(!f.Before.IsZero(), "created_at < ?", sqldb.FormatTime(f.Before))
	for _, word := range f.Words {
		condition, pattern := s.o.HasWord(word, "kind", "actor", "worker", "args", "error")
		add(true, condition, pattern)
	}
	add(f.After > 0, "id > ?", f.After)
	add(f.Through > 0, "id <= ?", f.Through)
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// CountTasks implements task.Store.
func (s *Store) CountTasks(ctx context.Context) (counts map[task.State]int64, err error) {
	err = s.db.Read(ctx, "count tasks", func(c sqldb.Conn) error {
		counts = make(map[task.State]int64)
		return c.Query(countTasks, func(row []driver.Value) error {
			n, _ := row[1].(int64)
			counts[stateOf(row[0])] += n
			return nil
		})
	})
	return counts, err
}

// CountQueues implements task.Store.
func (s *Store) CountQueues(ctx context.Context) (counts map[string]map[task.State]int64, err error) {
	err = s.db.Read(ctx, "count tasks by queue", func(c sqldb.Conn) error {
		counts = make(map[string]map[task.State]int64)
		return c.Query(countQueues, func(row []driver.Value) error {
			queue := sqldb.TextOf(row[0]).String
			if counts[queue] == nil {
				counts[queue] = make(map[task.State]int64)
			}
			n, _ := row[2].(int64)
			counts[queue][stateOf(row[1])] += n
			return nil
		})
	})
	return counts, err
}

// spans are how many characters of a time tell the spans of a step apart, and
// what makes a time of them again.
var spans = map[task.Step]struct {
	length int64
	rest   string
}{
	task.Minutely: {16, ":00"},
	task.Hourly:   {13, ":00:00"},
	task.Daily:    {10, " 00:00:00"},
}

// CountFinished implements task.Store.
func (s *Store) CountFinished(ctx context.Context, from time.Time, step task.Step) (rates []task.Rate, err error) {
	span, known := spans[step]
	if !known {
		return nil, fmt.Errorf("%q is no step", step)
	}
	err = s.db.Read(ctx, "count finished tasks", func(c sqldb.Conn) error {
		rates = nil
		return c.Query(countFinished, func(row []driver.Value) error {
			start, ok := sqldb.ParseTime(sqldb.TextOf(row[1]).String + span.rest)
			if !ok {
				return fmt.Errorf("roster_tasks: %q is no time", sqldb.TextOf(row[1]).String)
			}
			if len(rates) == 0 || !rates[len(rates)-1].Start.Equal(start) {
				rates = append(rates, task.Rate{Start: start})
			}
			n, _ := row[2].(int64)
			rates[len(rates)-1].Add(stateOf(row[0]), n)
			return nil
		}, span.length, sqldb.FormatTime(from))
	})
	return rates, err
}

// ListWorkers implements task.Store.
func (s *Store) ListWorkers(ctx context.Context, since time.Time) (workers []task.WorkerInfo, err error) {
	err = s.db.Read(ctx, "list workers", func(c sqldb.Conn) error {
		workers = nil
		return c.Query(selectWorkers, func(row []driver.Value) error {
			text := func(i int) string { return sqldb.TextOf(row[i]).String }
			w := task.WorkerInfo{ID: text(0), Name: text(1), Queues: text(2)}
			w.Concurrency, w.Running = intOf(row[3]), intOf(row[4])
			w.Started, _ = sqldb.ParseTime(text(5))
			w.Seen, _ = sqldb.ParseTime(text(6))
			workers = append(workers, w)
			return nil
		}, sqldb.FormatTime(since))
	})
	return workers, err
}
