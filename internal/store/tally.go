package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"roster/internal/fault"
	"roster/internal/store/engine"
	"roster/internal/user"
)

// selectTally counts users that its condition finds, and the active ones
// among them. It looks at one more than the limit, which tells of the rest.
const selectTally = "SELECT COUNT(*), COALESCE(SUM(is_active = 1), 0) FROM (SELECT is_active FROM t_users%s LIMIT ?) AS found"

// TallyUsers counts up to limit of the users that q finds.
func (s *Store) TallyUsers(ctx context.Context, q user.Query, limit int64) (t user.Tally, err error) {
	q.IsActive = user.Either
	where, args := s.filter(q, "")
	err = s.scan(ctx, "tally users", func(c engine.Conn) error {
		return c.Query(fmt.Sprintf(selectTally, where), func(row []driver.Value) error {
			total, active := integerOf(row[0]), integerOf(row[1])
			t = user.Tally{Active: active, Inactive: total - active, More: total > limit}
			return engine.ErrEnough
		}, append(args, limit+1)...)
	})
	if t.More { // the one that was too many
		if t.Inactive > 0 {
			t.Inactive--
		} else {
			t.Active--
		}
	}
	return t, err
}

// integerOf reads a sum, which MySQL gives as a decimal.
func integerOf(value driver.Value) (n int64) {
	if n, ok := value.(int64); ok {
		return n
	}
	// A number's text is a number.
	_, _ = fmt.Sscan(engine.TextOf(value).String, &n)
	return n
}

const (
	selectOldest = "SELECT created_at || '' FROM t_users ORDER BY created_at ASC LIMIT 1"
	selectNewest = "SELECT created_at || '' FROM t_users ORDER BY created_at DESC LIMIT 1"
)

// CreatedSpan returns when the oldest and the newest user were created.
func (s *Store) CreatedSpan(ctx context.Context) (first, last time.Time, err error) {
	err = s.db.Read(ctx, "find the oldest and newest user", func(c engine.Conn) error {
		if first, err = timeFrom(c, selectOldest); err != nil {
			return err
		}
		last, err = timeFrom(c, selectNewest)
		return err
	})
	return first, last, err
}

// timeFrom runs a statement that returns a time, or no row.
func timeFrom(c engine.Conn, query string) (time.Time, error) {
	texts, err := engine.Texts(c, query)
	if err != nil || len(texts) == 0 {
		return time.Time{}, err
	}
	t, ok := engine.ParseTime(texts[0])
	if !ok {
		return t, fault.Wrap(fault.Internal, "A stored user cannot be read.", fmt.Errorf("created_at %q is not a date and time", texts[0]))
	}
	return t, nil
}
