package store

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/fault"
)

// slow is the time from which an operation is worth a line in the log.
const slow = 500 * time.Millisecond

// read lends a reading connection to fn and gives its error a kind. name says
// in the log what was slow or failed.
func (s *Store) read(ctx context.Context, name string, fn func(*conn) error) error {
	c, err := s.borrow(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	begin := time.Now()
	err = faultOf(fn(c))
	s.log.note(ctx, name, time.Since(begin), err)
	return err
}

// borrow takes a reading connection from the pool, waiting for one if need be.
func (s *Store) borrow(ctx context.Context) (*conn, error) {
	select {
	case <-s.closing:
		return nil, errClosed
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.closing:
		return nil, errClosed
	}
}

// journal writes to the log what is slow or fails. It names operations and
// SQLite's errors, never what is stored.
type journal struct{ *slog.Logger }

// note tells of an operation that took long or failed for a reason that lies
// with the storage.
func (j journal) note(ctx context.Context, name string, took time.Duration, err error) {
	if err != nil {
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Conflict:
		default:
			j.ErrorContext(ctx, "database failed", "operation", name, "error", err)
		}
	}
	if took >= slow {
		j.WarnContext(ctx, "database is slow", "operation", name, "duration", took)
	}
}
