package store

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"roster/internal/query"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	selectTotal = "SELECT COUNT(*) FROM t_users"
	// The literal lets SQLite use idx_is_active without replanning.
	selectActive = "SELECT COUNT(*) FROM t_users WHERE is_active = 1"
)

// CountUsers returns the exact number of users that match q.
func (s *Store) CountUsers(ctx context.Context, q user.Query) (n int64, err error) {
	q.Order = ""
	switch q {
	case user.Query{}:
		return s.db.Count(ctx, sqldb.Total, selectTotal)
	case user.Query{IsActive: query.OnlyTrue}:
		return s.CountActiveUsers(ctx)
	}
	err = s.scan(ctx, "count found users", func(c sqldb.Conn) error {
		of, err := s.candidates(c, q, maxLooked)
		if err != nil {
			return err
		}
		w := s.filter(of, q, "is_active")
		n, err = sqldb.Integer(c, selectTotal+w.String(), w.args...)
		return err
	})
	return n, err
}

// CountActiveUsers returns the exact number of active users.
func (s *Store) CountActiveUsers(ctx context.Context) (int64, error) {
	return s.db.Count(ctx, sqldb.Active, selectActive)
}

// Version returns the generation of the database's state.
func (s *Store) Version(context.Context) (v uint64, ok bool) { return s.db.Generation() }

// selectCreated counts the users created between two times.
const selectCreated = "(SELECT COUNT(*) FROM t_users WHERE created_at >= ? AND created_at < ?)"

// CountCreated returns how many users were created between consecutive limits,
// all in the same database state.
func (s *Store) CountCreated(ctx context.Context, limits []time.Time) (counts []int64, err error) {
	if len(limits) < 2 {
		return nil, nil
	}
	args := make([]driver.Value, 0, 2*len(limits))
	for i, limit := range limits[1:] {
		args = append(args, sqldb.FormatTime(limits[i]), sqldb.FormatTime(limit))
	}
	query := "SELECT " + selectCreated + strings.Repeat(", "+selectCreated, len(limits)-2)
	err = s.db.Read(ctx, "count created users", func(c sqldb.Conn) error {
		counts = make([]int64, len(limits)-1)
		return c.Query(query, func(row []driver.Value) error {
			for i, n := range row {
				var err error
				if counts[i], err = sqldb.Int(n); err != nil {
					return err
				}
			}
			return sqldb.ErrEnough
		}, args...)
	})
	return counts, err
}

const (
	// What is no time is outside of the range of times.
	selectOldest = "SELECT CAST(created_at AS CHAR) FROM t_users" + withTime + " ORDER BY created_at ASC LIMIT 1"
	selectNewest = "SELECT CAST(created_at AS CHAR) FROM t_users" + withTime + " ORDER BY created_at DESC LIMIT 1"
	withTime     = " WHERE created_at BETWEEN '0001-01-01 00:00:00' AND '9999-12-31 23:59:59.999999'"
)

// CreatedSpan returns when the oldest and the newest user were created, as far as
// that can be read.
func (s *Store) CreatedSpan(ctx context.Context) (first, last time.Time, err error) {
	return s.readSpan(ctx, "find the oldest and newest user", selectOldest, selectNewest)
}
