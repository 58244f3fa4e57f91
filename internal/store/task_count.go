package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	countTasks  = "SELECT state, COUNT(*) FROM roster_tasks GROUP BY state"
	countQueues = "SELECT queue, state, COUNT(*) FROM roster_tasks" +
		" WHERE state IN ('pending', 'delayed', 'running', 'paused', 'parked', 'dead') GROUP BY queue, state"
	// The period is the start of the time as text.
	countFinished = "SELECT state, SUBSTR(CAST(finished_at AS CHAR), 1, ?) AS span, COUNT(*) FROM roster_tasks" +
		" WHERE state IN ('done', 'dead', 'canceled') AND finished_at >= ? GROUP BY state, span ORDER BY span"
)

// backlogStates are the states to count: waiting, running, or for a person to
// handle.
var backlogStates = []string{"pending", "delayed", "running", "paused", "parked", "dead"}

// countBacklog counts up to 50,000 tasks per state, so that a scrape does not
// take longer as queues grow. Lower priority numbers are counted first.
var countBacklog = "SELECT state, queue, kind, COUNT(*), CAST(MIN(run_at) AS CHAR) FROM (" + unionOf(backlogStates) + ") AS waiting GROUP BY state, queue, kind"

func unionOf(states []string) string {
	parts := make([]string, len(states))
	for i, state := range states {
		parts[i] = "SELECT * FROM (SELECT state, queue, kind, run_at FROM roster_tasks WHERE state = '" + state +
			"' ORDER BY priority, run_at, id LIMIT 50000) AS " + state + "_tasks"
	}
	return strings.Join(parts, " UNION ALL ")
}

// ListBacklog returns the number of tasks of each kind, in each state that is
// not final, and dead.
func (s *Store) ListBacklog(ctx context.Context) ([]task.Backlog, error) {
	return read(ctx, s, "count the backlog", func(c sqldb.Conn) ([]task.Backlog, error) {
		return all(c, func(row []driver.Value) (b task.Backlog, err error) {
			err = sqldb.Scan(row, &b.State, &b.Queue, &b.Kind, &b.Count, &b.Oldest)
			return b, err
		}, countBacklog)
	})
}

const countNewest = "SELECT value, COUNT(*) FROM (SELECT %s AS value FROM roster_tasks%s ORDER BY id DESC LIMIT ?) AS newest GROUP BY value"

// CountTasksBy implements task.Store.
func (s *Store) CountTasksBy(ctx context.Context, f task.Filter, by task.Field, most int) (counts task.Counts, err error) {
	w, limit := s.taskFilter(f), int64(most)
	err = s.db.Read(ctx, "count tasks by a field", func(c sqldb.Conn) error {
		counts = task.Counts{Count: map[string]int64{}}
		return c.Query(fmt.Sprintf(countNewest, by, w), func(row []driver.Value) error {
			var value string
			var n int64
			err := sqldb.Scan(row, &value, &n)
			if by == task.ByState {
				value = string(stateOf(task.State(value)))
			}
			counts.Count[value] += n
			counts.Total += n
			return err
		}, w.with(limit+1)...)
	})
	counts.More = counts.Total > limit
	counts.Total = min(counts.Total, limit)
	return counts, err
}

// CountTasks implements task.Store.
func (s *Store) CountTasks(ctx context.Context) (counts map[task.State]int64, err error) {
	err = s.db.Read(ctx, "count tasks", func(c sqldb.Conn) error {
		counts = make(map[task.State]int64)
		return c.Query(countTasks, func(row []driver.Value) error {
			var state task.State
			var n int64
			err := sqldb.Scan(row, &state, &n)
			counts[stateOf(state)] += n
			return err
		})
	})
	return counts, err
}

// CountQueues implements task.Store.
func (s *Store) CountQueues(ctx context.Context) (counts map[string]map[task.State]int64, err error) {
	err = s.db.Read(ctx, "count tasks by queue", func(c sqldb.Conn) error {
		counts = make(map[string]map[task.State]int64)
		return c.Query(countQueues, func(row []driver.Value) error {
			var queue string
			var state task.State
			var n int64
			if err := sqldb.Scan(row, &queue, &state, &n); err != nil {
				return err
			}
			if counts[queue] == nil {
				counts[queue] = make(map[task.State]int64)
			}
			counts[queue][stateOf(state)] += n
			return nil
		})
	})
	return counts, err
}

// spans are the number of leading characters of a time that identify its
// period, and the suffix that completes them to a time.
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
		return nil, fmt.Errorf("unknown step %q", step)
	}
	err = s.db.Read(ctx, "count finished tasks", func(c sqldb.Conn) error {
		rates = nil
		return c.Query(countFinished, func(row []driver.Value) error {
			var state task.State
			var period string
			var n int64
			if err := sqldb.Scan(row, &state, &period, &n); err != nil {
				return err
			}
			start, err := sqldb.Time(period + span.rest)
			if err != nil {
				return sqldb.Unreadable("roster_tasks.finished_at", err)
			}
			if len(rates) == 0 || !rates[len(rates)-1].Start.Equal(start) {
				rates = append(rates, task.Rate{Start: start})
			}
			rates[len(rates)-1].Add(stateOf(state), n)
			return nil
		}, span.length, sqldb.FormatTime(from))
	})
	return rates, err
}
