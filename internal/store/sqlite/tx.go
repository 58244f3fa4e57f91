package sqlite

import (
	"database/sql/driver"

	"roster/internal/store/sqldb"
)

// tx is an sqldb.Tx on the writer's connection.
type tx struct {
	conn    *conn
	changes sqldb.Counts
	rows    int // weighted number of rows written
	// failed is the first error after which SQLite may have rolled back the
	// whole transaction. No statement runs after it.
	failed error
}

// Exec implements sqldb.Conn.
func (t *tx) Exec(query string, args ...driver.Value) (driver.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	result, err := t.conn.Exec(query, args...)
	if err == nil {
		t.rows += weight(args)
	}
	return result, t.note(err)
}

// longRow is the number of bytes that count as one more row towards the next
// checkpoint.
const longRow = 16 << 10

// weight is 1, or more for a statement with large arguments.
func weight(args []driver.Value) int {
	bytes := 0
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			bytes += len(text)
		}
	}
	return 1 + bytes/longRow
}

// Query implements sqldb.Conn.
func (t *tx) Query(query string, scan func(row []driver.Value) error, args ...driver.Value) error {
	if t.failed != nil {
		return t.failed
	}
	return t.note(t.conn.Query(query, scan, args...))
}

// Changed implements sqldb.Tx.
func (t *tx) Changed(by sqldb.Counts) { t.changes.Add(by) }

func (t *tx) note(err error) error {
	err = faultOf(err)
	if sqldb.IsFatal(err) {
		t.failed = err
	}
	return err
}
