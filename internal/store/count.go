package store

import "context"

const (
	selectTotal = "SELECT COUNT(*) FROM t_users"
	// The literal lets SQLite use idx_is_active without planning anew.
	selectActive = "SELECT COUNT(*) FROM t_users WHERE is_active = 1"
)

// CountUsers returns the exact number of users.
func (s *Store) CountUsers(ctx context.Context) (int64, error) {
	return s.count(ctx, totalCount, selectTotal)
}

// CountActiveUsers returns the exact number of active users.
func (s *Store) CountActiveUsers(ctx context.Context) (int64, error) {
	return s.count(ctx, activeCount, selectActive)
}

// Version returns the generation of the database's state.
func (s *Store) Version(context.Context) (v uint64, ok bool) {
	return s.versions.generation()
}

// count returns a count that is known, or takes it; one caller at a time, as
// those who wait then know it.
func (s *Store) count(ctx context.Context, which int, query string) (int64, error) {
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
	err := s.read(ctx, "count users", func(c *conn) (err error) {
		n, err = s.take(c, which, query)
		return err
	})
	return n, err
}

// take counts in a snapshot of a known state.
func (s *Store) take(c *conn, which int, query string) (n int64, err error) {
	st, err := s.versions.snapshot(c)
	if err != nil {
		return 0, err
	}
	n, err = c.integer(query)
	if _, endErr := c.exec("ROLLBACK"); err != nil || endErr != nil {
		return 0, firstError(err, endErr)
	}
	s.versions.counted(which, st, n)
	return n, nil
}
