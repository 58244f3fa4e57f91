package sqlite

import (
	"database/sql/driver"

	"roster/internal/store/engine"
)

// tx is an engine.Tx on the writer's connection.
type tx struct {
	conn    *conn
	changes engine.Counts
	rows    int // statements that wrote
	// failed is the first error after which SQLite may have rolled the whole
	// transaction back. Nothing is done after it.
	failed error
}

// Exec implements engine.Conn.
func (t *tx) Exec(query string, args ...driver.Value) (driver.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	result, err := t.conn.Exec(query, args...)
	if err == nil {
		t.rows++
	}
	return result, t.note(err)
}

// Query implements engine.Conn.
func (t *tx) Query(query string, scan func(row []driver.Value) error, args ...driver.Value) error {
	if t.failed != nil {
		return t.failed
	}
	return t.note(t.conn.Query(query, scan, args...))
}

// Changed implements engine.Tx.
func (t *tx) Changed(by engine.Counts) { t.changes.Add(by) }

func (t *tx) note(err error) error {
	err = faultOf(err)
	if engine.IsFatal(err) {
		t.failed = err
	}
	return err
}
