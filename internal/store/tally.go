package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"roster/internal/fault"
	"roster/internal/store/engine"
	"roster/internal/store/index"
	"roster/internal/user"
)

// selectMatches finds users, and whether they are active.
const selectMatches = "SELECT id, is_active FROM t_users%s LIMIT ?"

// maxNamed is how many users are ordered that were found by their ids.
const maxNamed = 10_000

// match is a user that was found.
type match struct {
	id     int64
	active bool
}

// LookUsers goes through all users once at most: when it finds few, it reads
// those by their ids, and else it has not gone far.
func (s *Store) LookUsers(ctx context.Context, q user.Query, w user.Window) (t user.Tally, users []user.User, err error) {
	var few bool
	err = s.scan(ctx, "look for users", func(c engine.Conn) error {
		matches, err := s.matches(c, q, w.Count+1)
		if err != nil {
			return err
		}
		var ids []int64
		t, ids = tallyOf(matches, q.IsActive, w.Count)
		if few = !t.More && len(ids) <= maxNamed; few {
			users, err = s.selectNamed(c, ids, q, w)
		}
		return err
	})
	if err != nil || !few {
		if err == nil {
			users, err = s.ListUsers(ctx, q, w.Offset, w.Limit)
		}
		return t, users, err
	}
	return t, users, nil
}

// atOnce is how many candidates are looked at before what is found is counted.
const atOnce = 5000

// matches returns up to limit of the users that q finds, whatever its IsActive.
func (s *Store) matches(c engine.Conn, q user.Query, limit int64) (found []match, err error) {
	q.IsActive = user.Either
	of, err := s.candidates(c, q, maxCounted)
	if err != nil {
		return nil, err
	}
	if !of.known {
		return s.matchesAmong(c, of, q, limit)
	}
	for ids := range slices.Chunk(of.ids, atOnce) {
		some, err := s.matchesAmong(c, candidates{ids, true}, q, limit-int64(len(found)))
		if found = append(found, some...); err != nil || int64(len(found)) == limit {
			return found, err
		}
	}
	return found, nil
}

func (s *Store) matchesAmong(c engine.Conn, of candidates, q user.Query, limit int64) (found []match, err error) {
	where, args := s.among(of, q, "")
	err = c.Query(fmt.Sprintf(selectMatches, where), func(row []driver.Value) error {
		id, _ := row[0].(int64)
		found = append(found, match{id, engine.IsTrue(row[1])})
		return nil
	}, append(args, limit)...)
	return found, err
}

// tallyOf counts up to limit of the matches, and returns the ids of those that a choice leaves.
func tallyOf(matches []match, choice user.Choice, limit int64) (t user.Tally, ids []int64) {
	t.More = int64(len(matches)) > limit
	for _, m := range matches[:min(limit, int64(len(matches)))] {
		if m.active {
			t.Active++
		} else {
			t.Inactive++
		}
		if choice == user.Either || m.active == (choice == user.OnlyTrue) {
			ids = append(ids, m.id)
		}
	}
	return t, ids
}

// selectNamed reads those of the users with these ids who are in the window, in the order of q.
func (s *Store) selectNamed(c engine.Conn, ids []int64, q user.Query, w user.Window) ([]user.User, error) {
	if len(ids) == 0 || w.Limit < 1 {
		return nil, nil
	}
	query := "SELECT " + userColumns + " FROM t_users WHERE id " + s.index.IDs + s.order(q, "+") + " LIMIT ? OFFSET ?"
	return selectUsers(c, query, w.Limit, index.List(ids), int64(w.Limit), max(w.Offset, 0))
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
