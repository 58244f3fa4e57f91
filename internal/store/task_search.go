package store

import (
	"context"
	"database/sql/driver"
	"slices"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

// searchedBy are the fields that a search is counted by.
var searchedBy = []task.Field{task.ByState, task.ByKind, task.ByQueue}

// SearchTasks implements task.Finder. It scans once, and reads only the tasks of
// the page.
func (s *Store) SearchTasks(ctx context.Context, f task.Filter, within int, offset int64, limit int) (found task.Found, err error) {
	err = s.scan(ctx, "search tasks", func(c sqldb.Conn) error {
		var after int64
		found = task.Found{}
		if after, found.Since, err = newestBut(c, "roster_tasks", f.From, f.Before, int64(within)); err != nil {
			return err
		}
		whole := f // fn may run again
		whole.State, whole.Kind, whole.Queue, whole.After = "", "", "", max(f.After, after)
		rows, err := s.foundTasks(c, whole)
		if err != nil {
			return err
		}
		counts, fit := facets(rows, []string{string(f.State), f.Kind, f.Queue})
		found.Total, found.Counts = int64(len(fit)), map[task.Field]map[string]int64{}
		for i, field := range searchedBy {
			found.Counts[field] = counts[i]
		}
		fit = fit[min(offset, found.Total):]
		found.Tasks, err = tasksOf(c, fit[:min(limit, len(fit))])
		return err
	})
	return found, err
}

// foundTasks returns the tasks that match f, newest first.
func (s *Store) foundTasks(c sqldb.Conn, f task.Filter) ([]facetRow, error) {
	w := s.taskFilter(f)
	return all(c, scanFound, "SELECT id, state, kind, queue FROM roster_tasks"+w.String()+" ORDER BY id DESC", w.args...)
}

func scanFound(row []driver.Value) (facetRow, error) {
	var state task.State
	r := facetRow{n: 1, values: make([]string, len(searchedBy))}
	err := sqldb.Scan(row, &r.id, &state, &r.values[1], &r.values[2])
	r.values[0] = string(stateOf(state))
	return r, err
}

// tasksOf returns the tasks of the rows, newest first.
func tasksOf(c sqldb.Conn, rows []facetRow) ([]task.Task, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	tasks, err := all(c, scanTask, selectTasks+" WHERE id IN "+marks(len(ids)), values(ids)...)
	slices.SortFunc(tasks, func(a, b task.Task) int { return int(b.ID - a.ID) })
	return tasks, err
}
