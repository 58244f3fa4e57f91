package store

import (
	"context"

	"roster/internal/store/engine"
)

const (
	selectTotal = "SELECT COUNT(*) FROM t_users"
	// The literal lets SQLite use idx_is_active without planning anew.
	selectActive = "SELECT COUNT(*) FROM t_users WHERE is_active = 1"
)

// CountUsers returns the exact number of users.
func (s *Store) CountUsers(ctx context.Context) (int64, error) {
	return s.db.Count(ctx, engine.Total, selectTotal)
}

// CountActiveUsers returns the exact number of active users.
func (s *Store) CountActiveUsers(ctx context.Context) (int64, error) {
	return s.db.Count(ctx, engine.Active, selectActive)
}

// Version returns the generation of the database's state.
func (s *Store) Version(context.Context) (v uint64, ok bool) { return s.db.Generation() }
