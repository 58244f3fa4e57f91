package store

import (
	"context"
	"database/sql/driver"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/tracing"
	"roster/internal/user"
)

var (
	_ user.Tx     = (*tx)(nil)
	_ auth.Tx     = (*tx)(nil)
	_ task.Tx     = (*tx)(nil)
	_ periodic.Tx = (*tx)(nil)

	_ user.SubscriptionTx = (*tx)(nil)
	_ user.TrashTx        = (*tx)(nil)
)

// tx implements the transaction interfaces of the domain packages.
type tx struct {
	sqldb.Tx
	*dialect

	unreadable *unreadableRows

	onRecord func(auth.Tx, audit.Entry) ([]task.New, error)

	trace  string   // trace of the request that stores tasks
	queues []string // queues of tasks that became pending
}

// InTx implements user.Store.
func (s *Store) InTx(ctx context.Context, fn func(user.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}

// InAuthTx implements auth.Store.
func (s *Store) InAuthTx(ctx context.Context, fn func(auth.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}

// InTaskTx implements task.Store and task.Timetable.
func (s *Store) InTaskTx(ctx context.Context, fn func(task.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}

// InPeriodicTx implements periodic.Store.
func (s *Store) InPeriodicTx(ctx context.Context, fn func(periodic.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}

// write runs fn in one transaction, perhaps more than once. After the commit it
// announces the tasks that became pending.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	var queues []string
	trace := tracing.Parent(ctx)
	err := s.db.Write(ctx, func(t sqldb.Tx) error {
		in := &tx{Tx: t, dialect: &s.dialect, unreadable: s.unreadable, onRecord: s.onRecord, trace: trace}
		err := fn(in)
		queues = in.queues
		return err
	})
	if err == nil {
		s.announce(queues)
	}
	return err
}

// insert runs a statement that adds a row and returns the row's id.
func insert(t sqldb.Conn, statement string, args ...driver.Value) (int64, error) {
	result, err := t.Exec(statement, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// change runs a statement and returns how many rows it changed.
func change(t sqldb.Conn, statement string, args ...driver.Value) (int64, error) {
	result, err := t.Exec(statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// exec runs a statement.
func exec(t sqldb.Conn, statement string, args ...driver.Value) error {
	_, err := t.Exec(statement, args...)
	return err
}
