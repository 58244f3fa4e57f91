package tasks

import (
	"context"
	"database/sql/driver"
	"strings"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

// backlogStates are what is counted: what waits, runs, or waits for a person.
var backlogStates = []string{"pending", "delayed", "running", "parked", "dead"}

// countBacklog counts up to 50,000 of each state, lest a scrape of the figures
// takes as long as a queue is. Those of the lowest priority numbers come first.
var countBacklog = "SELECT state, queue, kind, COUNT(*), MIN(run_at) || '' FROM (" + unionOf(backlogStates) + ") AS waiting GROUP BY state, queue, kind"

func unionOf(states []string) string {
	parts := make([]string, len(states))
	for i, state := range states {
		parts[i] = "SELECT * FROM (SELECT state, queue, kind, run_at FROM roster_tasks WHERE state = '" + state +
			"' ORDER BY priority, run_at, id LIMIT 50000) AS " + state + "_tasks"
	}
	return strings.Join(parts, " UNION ALL ")
}

// ListBacklog returns how many tasks there are of each kind, in each state that
// is not final, and dead.
func (s *Store) ListBacklog(ctx context.Context) (all []task.Backlog, err error) {
	err = s.db.Read(ctx, "count the backlog", func(c sqldb.Conn) error {
		all = nil
		return c.Query(countBacklog, func(row []driver.Value) error {
			text := func(i int) string { return sqldb.TextOf(row[i]).String }
			b := task.Backlog{State: task.State(text(0)), Queue: text(1), Kind: text(2)}
			b.Count, _ = row[3].(int64)
			b.Oldest, _ = sqldb.ParseTime(text(4))
			all = append(all, b)
			return nil
		})
	})
	return all, err
}
