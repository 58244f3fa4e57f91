package storetest

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"

	"roster/internal/fault"
)

// faults lets one step of the storage fail: a statement, or reading a row. The
// failing step has no effect. It is safe for concurrent use.
type faults struct {
	mu    sync.Mutex
	left  int    // steps until the failure; 0: none
	steps int    // steps since arm
	fired string // the statement that failed
}

// arm lets the nth of the next steps fail; 0 for none.
func (f *faults) arm(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.steps, f.fired = n, 0, ""
}

// disarm returns the statement that failed, "" for none.
func (f *faults) disarm() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = 0
	return f.fired
}

// step counts a step, and returns the error if it is the one that fails. A
// ROLLBACK never fails: without a transaction there is nothing to lose, and with
// one SQLite ends it.
func (f *faults) step(query string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if query == "ROLLBACK" {
		return nil
	}
	f.steps++
	if f.left == 0 || f.steps != f.left {
		return nil
	}
	f.fired = query
	return fault.Wrap(fault.Unavailable, "The database is not available.", fmt.Errorf("step %d fails: %s", f.steps, query))
}

// wrap returns a connection whose steps count.
func (f *faults) wrap(c driver.Conn) driver.Conn { return faultyConn{c, f} }

type faultyConn struct {
	driver.Conn

	faults *faults
}

// Prepare implements driver.Conn.
func (c faultyConn) Prepare(query string) (driver.Stmt, error) {
	stmt, err := c.Conn.Prepare(query)
	return faultyStmt{stmt, strings.Join(strings.Fields(query), " "), c.faults}, err
}

type faultyStmt struct {
	driver.Stmt

	query  string
	faults *faults
}

// ExecContext implements driver.StmtExecContext.
func (s faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.faults.step(s.query); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements driver.StmtQueryContext.
func (s faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.faults.step(s.query); err != nil {
		return nil, err
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	return faultyRows{rows, s}, err
}

type faultyRows struct {
	driver.Rows

	stmt faultyStmt
}

// Next implements driver.Rows. The step after the last row may fail too.
func (r faultyRows) Next(row []driver.Value) error {
	if err := r.stmt.faults.step(r.stmt.query); err != nil {
		return err
	}
	return r.Rows.Next(row)
}
