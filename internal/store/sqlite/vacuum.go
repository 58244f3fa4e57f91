package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"roster/internal/store/sqldb"
)

// incremental is the value of auto_vacuum with which free pages can be returned
// some at a time. New files have it; see https://www.sqlite.org/pragma.html#pragma_auto_vacuum.
const incremental = "2"

// vacuumPages is the number of pages returned per transaction.
const vacuumPages = 500

// ErrNotIncremental is returned by Vacuum for a file made without incremental
// vacuum.
var ErrNotIncremental = errors.New("the file was not made for incremental vacuum")

// initialize makes a new, empty file ready for incremental vacuum, which must be
// set before anything else is stored.
func initialize(path string) error {
	c, err := newConn(path, []setting{{"busy_timeout", "5000"}})
	if err != nil {
		return err
	}
	_, err = c.text("PRAGMA auto_vacuum = " + incremental)
	return sqldb.FirstError(err, c.configure([]setting{{"journal_mode", "wal"}}), c.close())
}

// Vacuum returns the free pages of a file to the file system while other
// processes use it, in short transactions with rests, and calls report with the
// bytes that were returned so far and the bytes that are still free. It stops
// when ctx is done. full rebuilds the file instead, in one transaction, so that
// it can be vacuumed incrementally from then on.
func Vacuum(ctx context.Context, path string, full bool, report func(returned, free int64)) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("DB_NAME: %w", err)
	}
	c, err := newConn(path, common)
	if err != nil {
		return openFault(path, err)
	}
	defer func() { err = sqldb.FirstError(err, c.close()) }()
	if full {
		err = rebuild(c, report)
	} else {
		err = shrink(ctx, c, report)
	}
	if err != nil {
		return fmt.Errorf("DB_NAME: %w", err)
	}
	// The file shrinks when the write-ahead log is copied to it.
	_, err = c.text("PRAGMA wal_checkpoint(PASSIVE)")
	return err
}

// shrink returns all free pages, some at a time.
func shrink(ctx context.Context, c *conn, report func(returned, free int64)) error {
	mode, err := c.text("PRAGMA auto_vacuum")
	if err != nil {
		return err
	}
	if mode != incremental {
		return ErrNotIncremental
	}
	first, err := freeBytes(c)
	for left := first; err == nil && left > 0; {
		began := time.Now()
		if err = untilFree(patience, ctx.Done(), func() error { return step(c) }); err != nil {
			return err
		}
		if left, err = freeBytes(c); err != nil {
			return err
		}
		report(max(0, first-left), left)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Since(began)): // others get half of the time
		}
	}
	return err
}

// step returns some free pages.
func step(c *conn) error {
	return c.Query(fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumPages), func([]driver.Value) error { return nil })
}

// rebuild writes the file again without free pages.
func rebuild(c *conn, report func(returned, free int64)) error {
	before, err := freeBytes(c)
	if err != nil {
		return err
	}
	if _, err := c.text("PRAGMA auto_vacuum = " + incremental); err != nil {
		return err
	}
	if err := untilFree(patience, nil, func() error { _, err := c.Exec("VACUUM"); return err }); err != nil {
		return err
	}
	report(before, 0)
	return nil
}

// freeBytes returns the bytes of unused pages.
func freeBytes(c *conn) (int64, error) {
	pages, err := sqldb.Integer(c, "PRAGMA freelist_count")
	if err != nil {
		return 0, err
	}
	size, err := sqldb.Integer(c, "PRAGMA page_size")
	return pages * size, err
}
