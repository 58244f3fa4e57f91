package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

// Times of counters are microseconds: they are only compared.
const (
	selectCounter = "SELECT used, ends FROM roster_counters WHERE counter_key = ?"
	giveBack      = "UPDATE roster_counters SET used = used - 1 WHERE counter_key = ? AND used > 0 AND started <= ?"
	deleteCounter = "DELETE FROM roster_counters WHERE counter_key = ?"
)

// errOver rolls back the counts of a login that exceeds a limit.
var errOver = errors.New("over the limit")

// Take implements auth.Counters, across all users of the database.
func (s *Store) Take(ctx context.Context, now time.Time, uses ...auth.Use) (wait time.Duration, err error) {
	if wait, err = s.look(ctx, now, uses); wait > 0 || err != nil {
		return wait, err
	}
	err = s.write(ctx, func(t *tx) error {
		wait = 0
		for _, u := range uses {
			over, err := t.count(now, u)
			if err != nil {
				return err
			}
			wait = max(wait, over)
		}
		if wait > 0 {
			return errOver
		}
		return nil
	})
	if errors.Is(err, errOver) {
		err = nil
	}
	return wait, err
}

// countBlocked has a bound for the end, because counters that last for years are many.
const countBlocked = `SELECT COUNT(*) FROM (SELECT 1 FROM roster_counters
	WHERE ends > ? AND ends <= ? AND used >= ? AND counter_key LIKE ? LIMIT ?) AS few`

// CountBlocked returns how many counters have reached the limit of a use and block
// others of its kind now, at most most. The key of the use is the beginning of
// theirs, without characters that are special in LIKE.
func (s *Store) CountBlocked(ctx context.Context, now time.Time, kind auth.Use, most int64) (int64, error) {
	return s.readInteger(ctx, "count blocked uses", countBlocked, now.UnixMicro(), now.Add(kind.Rate.Window).UnixMicro(), int64(kind.Rate.Limit), kind.Key+"%", most)
}

// look returns how long to wait, without writing: a flood of attempts does not
// block the database.
func (s *Store) look(ctx context.Context, now time.Time, uses []auth.Use) (time.Duration, error) {
	return read(query.Fresh(ctx), s, "look at counters", func(c sqldb.Conn) (wait time.Duration, err error) {
		for _, u := range uses {
			used, ends, err := counter(c, u.Key)
			if err != nil {
				return 0, err
			}
			if used >= int64(u.Rate.Limit) {
				wait = max(wait, ends.Sub(now))
			}
		}
		return wait, nil
	})
}

// count counts one use, in a statement that locks the counter until the end of
// the transaction, and returns how long to wait if it exceeds the limit.
func (t *tx) count(now time.Time, u auth.Use) (over time.Duration, err error) {
	micros := now.UnixMicro()
	if err := exec(t, t.countUse, u.Key, micros, now.Add(u.Rate.Window).UnixMicro(), micros, micros); err != nil {
		return 0, err
	}
	used, ends, err := counter(t, u.Key)
	if err != nil || used <= int64(u.Rate.Limit) {
		return 0, err
	}
	return max(ends.Sub(now), time.Microsecond), nil
}

// counter returns how often a key was used, and the end of its window.
func counter(c sqldb.Conn, key string) (used int64, ends time.Time, err error) {
	err = c.Query(selectCounter, func(row []driver.Value) error {
		var micros int64
		err := sqldb.Scan(row, &used, &micros)
		ends = time.UnixMicro(micros)
		return sqldb.FirstError(err, sqldb.ErrEnough)
	}, key)
	return used, ends, err
}

// GiveBack implements auth.Counters.
func (s *Store) GiveBack(ctx context.Context, taken time.Time, uses ...auth.Use) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		for _, u := range uses {
			if err := exec(t, giveBack, u.Key, taken.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
}

// CountUses implements auth.SessionReader.
func (s *Store) CountUses(ctx context.Context, key string, now time.Time) (int64, error) {
	return read(query.Fresh(ctx), s, "look at a counter", func(c sqldb.Conn) (int64, error) {
		used, ends, err := counter(c, key)
		if !ends.After(now) {
			used = 0
		}
		return used, err
	})
}

// CountUse implements auth.SessionTx.
func (t *tx) CountUse(now time.Time, u auth.Use) (bool, error) {
	over, err := t.count(now, u)
	return err == nil && over == 0, err
}

// DropCounter implements auth.SessionTx.
func (t *tx) DropCounter(key string) (int64, error) {
	used, _, err := counter(t, key)
	return used, sqldb.FirstError(err, exec(t, deleteCounter, key))
}
