package staff

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

// Times of counters are numbers of microseconds: they are only ever compared.
const (
	selectCounter = "SELECT used, ends FROM roster_counters WHERE counter_key = ?"
	giveBack      = "UPDATE roster_counters SET used = used - 1 WHERE counter_key = ? AND used > 0 AND started <= ?"
	// Four at a time: the table shrinks although each login may add two rows.
	selectOver  = "SELECT counter_key FROM roster_counters WHERE ends <= ? ORDER BY ends LIMIT 4"
	deleteEnded = "DELETE FROM roster_counters WHERE counter_key = ? AND ends <= ?"
)

// errOver undoes what was counted beside a use for which there is no room.
var errOver = errors.New("over the limit")

// Take implements auth.Counters, for all who use the database.
func (s *Store) Take(ctx context.Context, now time.Time, uses ...auth.Use) (wait time.Duration, err error) {
	if wait, err = s.look(ctx, now, uses); wait > 0 || err != nil {
		return wait, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		wait = 0
		for _, u := range uses {
			over, err := s.count(t, now, u)
			if err != nil {
				return err
			}
			wait = max(wait, over)
		}
		if wait > 0 {
			return errOver
		}
		return s.dropEnded(t, now)
	})
	if errors.Is(err, errOver) {
		err = nil
	}
	return wait, err
}

// look tells who has to wait without writing: a storm of tries leaves the
// database to others.
func (s *Store) look(ctx context.Context, now time.Time, uses []auth.Use) (wait time.Duration, err error) {
	err = s.db.Read(query.Fresh(ctx), "look at counters", func(c sqldb.Conn) error {
		wait = 0
		for _, u := range uses {
			used, ends, err := counter(c, u.Key)
			if err != nil {
				return err
			}
			if used >= int64(u.Rate.Limit) {
				wait = max(wait, ends.Sub(now))
			}
		}
		return nil
	})
	return wait, err
}

// count counts one use, in a statement that locks the counter until the end of
// the transaction, and returns how long to wait when it is one too many.
func (s *Store) count(t sqldb.Tx, now time.Time, u auth.Use) (over time.Duration, err error) {
	micros := now.UnixMicro()
	if _, err := t.Exec(s.o.CountUse, u.Key, micros, now.Add(u.Rate.Window).UnixMicro(), micros, micros); err != nil {
		return 0, err
	}
	used, ends, err := counter(t, u.Key)
	if err != nil || used <= int64(u.Rate.Limit) {
		return 0, err
	}
	return max(ends.Sub(now), time.Microsecond), nil
}

// counter returns how often a key was used, and when its window ends.
func counter(c sqldb.Conn, key string) (used int64, ends time.Time, err error) {
	err = c.Query(selectCounter, func(row []driver.Value) error {
		used, _ = row[0].(int64)
		micros, _ := row[1].(int64)
		ends = time.UnixMicro(micros)
		return sqldb.ErrEnough
	}, key)
	return used, ends, err
}

// dropEnded removes some counters that nobody needs any more.
func (s *Store) dropEnded(t sqldb.Tx, now time.Time) error {
	micros := now.UnixMicro()
	old, err := sqldb.Texts(t, selectOver+s.o.SkipLocked, micros)
	for _, key := range old {
		if err == nil {
			_, err = t.Exec(deleteEnded, key, micros)
		}
	}
	return err
}

// GiveBack implements auth.Counters.
func (s *Store) GiveBack(ctx context.Context, taken time.Time, uses ...auth.Use) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		for _, u := range uses {
			if _, err := t.Exec(giveBack, u.Key, taken.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
}
