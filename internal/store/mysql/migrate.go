package mysql

import (
	"context"
	"database/sql"
	"errors"

	"roster/internal/store/sqldb"
)

const (
	// The name of a server lock, which ends with its connection, so that a
	// killed process leaves nothing behind.
	getLock     = "SELECT GET_LOCK(CONCAT('roster.', SHA2(DATABASE(), 224)), 60)"
	releaseLock = "DO RELEASE_LOCK(CONCAT('roster.', SHA2(DATABASE(), 224)))"
)

// errLocked is returned if another process has been migrating for a minute.
var errLocked = errors.New("another process is migrating the database")

// Migrating runs fn on separate connections without timeouts, while no other
// process migrates the same database.
func (e *Engine) Migrating(ctx context.Context, fn func(ctx context.Context, db *sql.DB) error) (err error) {
	connector, err := e.options.connector(0)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { err = sqldb.FirstError(err, db.Close()) }()
	ctx = context.WithoutCancel(ctx)
	return e.migrationFault(locked(ctx, db, fn))
}

func locked(ctx context.Context, db *sql.DB, fn func(ctx context.Context, db *sql.DB) error) error {
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // returns the connection to the pool
	var got sql.NullInt64
	if err := lock.QueryRowContext(ctx, getLock).Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return errLocked
	}
	err = fn(ctx, db)
	_, releaseErr := lock.ExecContext(ctx, releaseLock)
	return sqldb.FirstError(err, releaseErr)
}

// migrationFault names the setting if privileges are missing: only migrations
// need those to change the schema.
func (e *Engine) migrationFault(err error) error {
	switch codeOf(err) {
	case codeTableDenied, codeDatabaseDenied:
		return e.Refusal(err)
	}
	return faultOf(err)
}
