package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
)

// newestByID follows the condition of a query for rows with an id.
const newestByID = " ORDER BY id DESC LIMIT ? OFFSET ?"

var errNotFound = fault.New(fault.NotFound, "Not found.")

// read runs fn, perhaps more than once, and returns its result. name identifies
// the operation in the log.
func read[T any](ctx context.Context, s *Store, name string, fn func(c sqldb.Conn) (T, error)) (result T, err error) {
	err = s.db.Read(ctx, name, func(c sqldb.Conn) error {
		result, err = fn(c)
		return err
	})
	return result, err
}

// readInteger returns the integer selected by a statement.
func (s *Store) readInteger(ctx context.Context, name, query string, args ...driver.Value) (int64, error) {
	return read(ctx, s, name, func(c sqldb.Conn) (int64, error) { return sqldb.Integer(c, query, args...) })
}

// all returns the rows selected by a query, each read by scan.
func all[T any](c sqldb.Conn, scan func(row []driver.Value) (T, error), query string, args ...driver.Value) (found []T, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		value, err := scan(row)
		found = append(found, value)
		return err
	}, args...)
	return found, err
}

// one returns the first row selected by a query, or NotFound.
func one[T any](c sqldb.Conn, scan func(row []driver.Value) (T, error), query string, args ...driver.Value) (found T, err error) {
	missing := true
	err = c.Query(query, func(row []driver.Value) (err error) {
		missing = false
		found, err = scan(row)
		return sqldb.FirstError(err, sqldb.ErrEnough)
	}, args...)
	if err == nil && missing {
		err = errNotFound
	}
	return found, err
}

// exists reports whether a statement selects a true value.
func exists(c sqldb.Conn, query string, args ...driver.Value) (bool, error) {
	n, err := sqldb.Integer(c, query, args...)
	return n == 1, err
}

// readSpan returns the times selected by two statements, zero for no row.
func (s *Store) readSpan(ctx context.Context, name, selectFirst, selectLast string) (first, last time.Time, err error) {
	err = s.db.Read(ctx, name, func(c sqldb.Conn) (err error) {
		if first, err = timeFrom(c, selectFirst); err == nil {
			last, err = timeFrom(c, selectLast)
		}
		return err
	})
	return first, last, err
}

// timeFrom runs a statement that selects a time, or no row.
func timeFrom(c sqldb.Conn, query string, args ...driver.Value) (time.Time, error) {
	at, err := one(c, func(row []driver.Value) (at time.Time, err error) {
		err = sqldb.Scan(row, &at)
		return at, err
	}, query, args...)
	if errors.Is(err, errNotFound) {
		err = nil
	}
	return at, err
}
