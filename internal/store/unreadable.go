package store

import (
	"database/sql/driver"
	"fmt"
	"sync"

	"roster/internal/auth"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// maxUnreadable is the number of rows that are remembered as logged.
const maxUnreadable = 10_000

// unreadableRows logs and counts the rows that cannot be read completely, each
// once per process. It is safe for concurrent use.
type unreadableRows struct {
	log  sqldb.Journal
	mu   sync.Mutex
	seen map[string]bool
}

// note logs a row, by its table and id. what names the columns, or the error; it
// contains no data.
func (u *unreadableRows) note(table string, id int64, what string) {
	row := fmt.Sprintf("%s %d %s", table, id, what)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.seen[row] || len(u.seen) >= maxUnreadable {
		return
	}
	if u.seen == nil {
		u.seen = make(map[string]bool)
	}
	u.seen[row] = true
	u.log.Metrics.Unreadable()
	u.log.Warn("a stored row cannot be read completely", "table", table, "id", id, "cause", what)
}

// lenient returns a scan of rows that begin with an id, which keeps a row as far
// as it can be read, and notes it. Other rows of a list must not depend on it.
func lenient[T any](u *unreadableRows, table string, scan func(row []driver.Value) (T, error)) func(row []driver.Value) (T, error) {
	return func(row []driver.Value) (T, error) {
		value, err := scan(row)
		if err != nil {
			id, idErr := sqldb.Int(row[0]) // 0 if that cannot be read either
			u.note(table, id, sqldb.FirstError(err, idErr).Error())
		}
		return value, nil
	}
}

// accounts scans accounts. What cannot be read is zero: not active, not staff,
// no superuser.
func (u *unreadableRows) accounts() func(row []driver.Value) (auth.Account, error) {
	return lenient(u, "auth_user", scanAccount)
}

// tasks scans tasks. One must not keep a worker from the others.
func (u *unreadableRows) tasks() func(row []driver.Value) (task.Task, error) {
	return lenient(u, "roster_tasks", scanTask)
}

// schedules scans schedules, which are not run if they cannot be read.
func (u *unreadableRows) schedules() func(row []driver.Value) (schedule.Row, error) {
	return lenient(u, "django_celery_beat_periodictask", scanSchedule)
}
