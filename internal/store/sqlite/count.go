package sqlite

import (
	"context"

	"roster/internal/store/sqldb"
)

// Generation returns the number of the current database state, which changes
// with every commit of any process; false if it is unknown.
func (s *Engine) Generation() (generation uint64, ok bool) { return s.versions.generation() }

// Known returns a count and its generation, if it is known without counting.
func (s *Engine) Known(which int) (n int64, generation uint64, ok bool) {
	return s.versions.known(which)
}

// Count returns a known count, or counts with query. One caller counts at a
// time, and the others use the result.
func (s *Engine) Count(ctx context.Context, which int, query string) (int64, error) {
	if n, _, ok := s.versions.known(which); ok {
		return n, nil
	}
	select {
	case s.counting <- struct{}{}:
		defer func() { <-s.counting }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	n, _, ok := s.versions.known(which)
	if ok {
		return n, nil
	}
	err := s.Read(ctx, "count users", func(c sqldb.Conn) (err error) {
		n, err = s.take(c, which, query)
		return err
	})
	return n, err
}

// take counts in a snapshot of a known state.
func (s *Engine) take(c sqldb.Conn, which int, query string) (n int64, err error) {
	st, err := s.versions.snapshot(c)
	if err != nil {
		return 0, err
	}
	n, err = sqldb.Integer(c, query)
	if _, endErr := c.Exec("ROLLBACK"); err != nil || endErr != nil {
		return 0, sqldb.FirstError(err, endErr)
	}
	s.versions.counted(which, st, n)
	return n, nil
}
