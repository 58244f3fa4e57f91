package sqlite

import (
	"context"
	"time"

	"roster/internal/store/sqldb"
)

// Read passes a read connection to fn and adds a kind to its error. name
// identifies the operation in the log.
func (s *Engine) Read(ctx context.Context, name string, fn func(sqldb.Conn) error) error {
	c, err := s.borrow(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	begin := time.Now()
	err = faultOf(fn(c))
	s.log.Note(ctx, name, time.Since(begin), err)
	return err
}

// borrow takes a read connection from the pool, waiting if necessary.
func (s *Engine) borrow(ctx context.Context) (*conn, error) {
	select {
	case <-s.closing:
		return nil, sqldb.ErrClosed
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
		return nil, sqldb.ErrClosed
	}
}
