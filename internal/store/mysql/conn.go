package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	gomysql "github.com/go-sql-driver/mysql"

	"roster/internal/store/sqldb"
)

// rawConn is the interface of the driver's connections.
type rawConn interface {
	driver.ExecerContext
	driver.QueryerContext
}

// conn is an sqldb.Conn on a driver connection.
type conn struct {
	raw  rawConn
	ctx  context.Context     // its end closes the connection during a statement
	args []driver.NamedValue // reused by every statement
	row  []driver.Value      // reused by every row
}

// Exec implements sqldb.Conn.
func (c *conn) Exec(query string, args ...driver.Value) (driver.Result, error) {
	result, err := c.raw.ExecContext(c.ctx, query, c.bind(args))
	if err != nil {
		return nil, valueFault(query, sendable(err))
	}
	return result, nil
}

// Query implements sqldb.Conn.
func (c *conn) Query(query string, scan func(row []driver.Value) error, args ...driver.Value) error {
	rows, err := c.raw.QueryContext(c.ctx, query, c.bind(args))
	if err != nil {
		return sendable(err)
	}
	return sqldb.EachRow(rows, &c.row, withIntegers(rows, scan))
}

// sendable returns the error of a statement that exceeds max_allowed_packet as
// such: the driver asks for a prepared statement, which is limited as well.
func sendable(err error) error {
	if errors.Is(err, driver.ErrSkip) {
		return gomysql.ErrPktTooLarge
	}
	return err
}

// queryRaw is like Query, with the values of the driver.
func (c *conn) queryRaw(query string, scan func(row []driver.Value) error) error {
	rows, err := c.raw.QueryContext(c.ctx, query, nil)
	if err != nil {
		return err
	}
	return sqldb.EachRow(rows, &c.row, scan)
}

func (c *conn) bind(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, arg := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	return c.args
}

// lend passes a connection to fn. ctx only bounds the wait for a connection and
// opening it. A connection that broke, or whose fn panicked, is not reused; the
// server rolls back its transaction.
func (s *server) lend(ctx context.Context, fn func(*conn) error) (err error) {
	borrowed, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = borrowed.Close() }() // returns the connection to the pool
	rawErr := borrowed.Raw(func(opened any) error {
		raw, ok := opened.(rawConn)
		if !ok {
			return fmt.Errorf("the connection %T cannot run statements", opened)
		}
		if err = fn(&conn{raw: raw, ctx: context.Background()}); isBroken(err) {
			return driver.ErrBadConn
		}
		return nil
	})
	return sqldb.FirstError(err, rawErr)
}
