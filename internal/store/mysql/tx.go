package mysql

import (
	"context"
	"database/sql/driver"

	"roster/internal/store/sqldb"
)

// Write runs fn in a transaction and returns after a durable commit. The
// package documentation describes when fn is retried.
func (e *Engine) Write(ctx context.Context, fn func(sqldb.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var own error
	err := e.call(ctx, "commit", func(c *conn) (err error) {
		own, err = transact(c, fn)
		return err
	})
	return sqldb.FirstError(err, own)
}

// transact runs fn in a transaction. It returns fn's own error, after which
// nothing is kept, separately from the database's.
func transact(c *conn, fn func(sqldb.Tx) error) (own, err error) {
	if _, err := c.Exec("START TRANSACTION"); err != nil {
		return nil, err
	}
	t := &tx{conn: c}
	returned := false
	defer func() {
		t.failed = sqldb.ErrTxOver
		if !returned { // panic or exit of the goroutine
			_, _ = c.Exec("ROLLBACK") // the connection is closed afterwards
		}
	}()
	own = fn(t)
	returned = true
	if own == nil && t.failed == nil {
		return nil, commit(c)
	}
	// After a lock wait timeout, MySQL keeps the earlier statements, so roll
	// back after every error.
	if _, err := c.Exec("ROLLBACK"); err != nil && t.failed == nil {
		return own, err
	}
	return own, t.failed
}

// commit commits. An error without a response of the server leaves the outcome
// unknown, and must not be retried.
func commit(c *conn) error {
	_, err := c.Exec("COMMIT")
	if isBroken(err) && !isUnsent(err) {
		return outcomeError{err}
	}
	return err
}

// tx is an sqldb.Tx on a connection with a transaction.
type tx struct {
	conn *conn
	// failed is the first error after which no statement runs, as returned by
	// the driver.
	failed error
}

// Exec implements sqldb.Conn.
func (t *tx) Exec(query string, args ...driver.Value) (driver.Result, error) {
	if t.failed != nil {
		return nil, faultOf(t.failed)
	}
	result, err := t.conn.Exec(query, args...)
	return result, t.note(err)
}

// Query implements sqldb.Conn.
func (t *tx) Query(query string, scan func(row []driver.Value) error, args ...driver.Value) error {
	if t.failed != nil {
		return faultOf(t.failed)
	}
	return t.note(t.conn.Query(query, scan, args...))
}

// Changed implements sqldb.Tx. Counts are always taken again.
func (*tx) Changed(sqldb.Counts) {}

func (t *tx) note(err error) error {
	kind := faultOf(err)
	if sqldb.IsFatal(kind) {
		t.failed = err
	}
	return kind
}
