package sqlite

import (
	"context"

	"roster/internal/store/sqldb"
)

// Generation returns the number of the state of the database now, which
// changes with every commit of any process; false when it is not known.
func (s *Engine) Generation() (generation uint64, ok bool) { return s.versions.generation() }

// Known returns a count and the generation that it belongs to, when it is
// known without counting.
func (s *Engine) Known(which int) (n int64, generation uint64, ok bool) {
	return s.versions.known(which)
}

// Count returns a count that is known, or takes it with query; one caller at a
// time, as those who wait then know it.
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
