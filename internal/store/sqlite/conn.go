package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net/url"

	"roster/internal/store/sqldb"
)

// conn is a database connection with its prepared statements. It is not safe
// for concurrent use.
//
// Statements run with context.Background(), because a cancelable context costs
// a goroutine per statement, and all statements are short.
type conn struct {
	raw   driver.Conn
	stmts map[string]driver.Stmt // by SQL text
	args  []driver.NamedValue    // reused by every statement
	row   []driver.Value         // reused by every row
}

// maxStatements is the maximum number of prepared statements per connection.
const maxStatements = 64

// dataSource returns path as a SQLite URI, which is safe for any path. The file
// is created if necessary, unless parameters prevent it. See
// https://www.sqlite.org/uri.html.
func dataSource(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_txlock=immediate"
}

// newConn opens the file at path with those settings.
func newConn(path string, settings []setting) (*conn, error) {
	return newConnTo(dataSource(path), settings)
}

func newConnTo(source string, settings []setting) (*conn, error) {
	raw, err := openDriver(source)
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, stmts: make(map[string]driver.Stmt)}
	if err := c.configure(settings); err != nil {
		return nil, sqldb.FirstError(err, c.close())
	}
	return c, nil
}

// close closes the statements, then the connection.
func (c *conn) close() error {
	_, err := c.release()
	return sqldb.FirstError(err, c.raw.Close())
}

// release closes the statements and returns the driver's connection.
func (c *conn) release() (raw driver.Conn, err error) {
	for _, stmt := range c.stmts {
		err = sqldb.FirstError(err, stmt.Close())
	}
	clear(c.stmts)
	return c.raw, err
}

// Exec runs a statement that returns no rows.
func (c *conn) Exec(query string, args ...driver.Value) (driver.Result, error) {
	stmt, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	execer, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return nil, fmt.Errorf("the statement %T has no ExecContext", stmt)
	}
	return execer.ExecContext(context.Background(), c.bind(args))
}

// Query implements sqldb.Conn.
func (c *conn) Query(query string, scan func(row []driver.Value) error, args ...driver.Value) (err error) {
	stmt, err := c.prepare(query)
	if err != nil {
		return err
	}
	queryer, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return fmt.Errorf("the statement %T has no QueryContext", stmt)
	}
	rows, err := queryer.QueryContext(context.Background(), c.bind(args))
	if err != nil {
		return err
	}
	return sqldb.EachRow(rows, &c.row, scan)
}

// text runs a statement and returns the first column of its last row as text,
// "" if there is no row.
func (c *conn) text(query string) (s string, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		s = sqldb.TextOf(row[0]).String
		return nil
	})
	return s, err
}

// prepare returns the cached statement. If there are too many, which only
// happens with queries that callers vary, all are closed.
func (c *conn) prepare(query string) (driver.Stmt, error) {
	if stmt, ok := c.stmts[query]; ok {
		return stmt, nil
	}
	if len(c.stmts) >= maxStatements {
		if _, err := c.release(); err != nil {
			return nil, err
		}
	}
	stmt, err := c.raw.Prepare(query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = stmt
	return stmt, nil
}

func (c *conn) bind(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, arg := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	return c.args
}
