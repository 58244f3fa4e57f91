package store

import (
	"fmt"
	"sync"

	"roster/internal/store/sqldb"
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
