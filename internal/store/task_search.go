package store

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/task"
)

// foundTask is a task with what searches are filtered by.
type foundTask struct {
	id     int64
	values [3]string // by searchedBy
}

// searchedBy are the fields that a search is counted by.
var searchedBy = [3]task.Field{task.ByState, task.ByKind, task.ByQueue}

// SearchTasks implements task.Finder. It scans once, and reads only the tasks of
// the page.
func (s *Store) SearchTasks(ctx context.Context, f task.Filter, within int, offset int64, limit int) (found task.Found, err error) {
	err = s.scan(ctx, "search tasks", func(c sqldb.Conn) error {
		var after int64
		found = task.Found{}
		if after, found.Since, err = taskBefore(c, f, within); err != nil {
			return err
		}
		chosen := [3]string{string(f.State), f.Kind, f.Queue}
		f.State, f.Kind, f.Queue, f.After = "", "", "", max(f.After, after)
		w := s.taskFilter(f)
		all, err := all(c, scanFound, "SELECT id, state, kind, queue FROM roster_tasks"+w.String()+" ORDER BY id DESC", w.args...)
		if err != nil {
			return err
		}
		ids := count(&found, all, chosen)
		found.Total = int64(len(ids))
		found.Tasks, err = tasksOf(c, page(ids, offset, limit))
		return err
	})
	return found, err
}

// taskBefore returns the id and the creation of the newest task in the time of f
// that has as many newer ones as within; 0 if there is none.
func taskBefore(c sqldb.Conn, f task.Filter, within int) (id int64, at time.Time, err error) {
	var w where
	w.addSpan("created_at", f.From, f.Before)
	err = c.Query("SELECT id, CAST(created_at AS CHAR) FROM roster_tasks"+w.String()+" ORDER BY id DESC LIMIT 1 OFFSET ?", func(row []driver.Value) error {
		return sqldb.Scan(row, &id, &at)
	}, w.with(int64(within))...)
	return id, at, err
}

func scanFound(row []driver.Value) (t foundTask, err error) {
	var state task.State
	err = sqldb.Scan(row, &t.id, &state, &t.values[1], &t.values[2])
	t.values[0] = string(stateOf(state))
	return t, err
}

// count counts the tasks by each field, with the choices of the other fields
// ("" for any), and returns the ids of those that all choices fit.
func count(found *task.Found, tasks []foundTask, chosen [3]string) (ids []int64) {
	found.Counts = map[task.Field]map[string]int64{}
	for _, field := range searchedBy {
		found.Counts[field] = map[string]int64{}
	}
	for _, t := range tasks {
		differ, last := 0, 0
		for i, value := range t.values {
			if chosen[i] != "" && chosen[i] != value {
				differ, last = differ+1, i
			}
		}
		switch differ {
		case 0:
			ids = append(ids, t.id)
			for i, value := range t.values {
				found.Counts[searchedBy[i]][value]++
			}
		case 1:
			found.Counts[searchedBy[last]][t.values[last]]++
		}
	}
	return ids
}

// page returns up to limit ids after the first offset.
func page(ids []int64, offset int64, limit int) []int64 {
	ids = ids[min(offset, int64(len(ids))):]
	return ids[:min(limit, len(ids))]
}

// tasksOf returns the tasks with those ids, in that order.
func tasksOf(c sqldb.Conn, ids []int64) ([]task.Task, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	tasks, err := all(c, scanTask, selectTasks+" WHERE id IN "+marks(len(ids)), values(ids)...)
	slices.SortFunc(tasks, func(a, b task.Task) int { return int(b.ID - a.ID) })
	return tasks, err
}
