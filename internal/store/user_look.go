package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"roster/internal/query"
	"roster/internal/store/index"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// selectMatches selects matching users, and whether they are active.
const selectMatches = "SELECT id, is_active = 1 FROM t_users%s LIMIT ?"

// match is a matching user.
type match struct {
	id     int64
	active bool
}

// LookUsers scans all users at most once. If it finds few matches, it reads
// them by id. If there are many, the first in order are found soon.
func (s *Store) LookUsers(ctx context.Context, q user.Query, w user.Window) (t user.Counts, users []user.User, err error) {
	w.Offset, w.Limit = max(w.Offset, 0), max(w.Limit, 0)
	err = s.scan(ctx, "look for users", func(c sqldb.Conn) error {
		of, err := s.candidates(c, q, maxCounted)
		if err != nil {
			return err
		}
		matches, err := s.matches(c, of, q, w.Count+1)
		if err != nil {
			return err
		}
		var ids []int64
		if t, ids = countsOf(matches, q.IsActive, w.Count); !t.More {
			users, err = s.selectNamed(c, ids, q, w)
		} else {
			users, err = s.selectOfMany(c, of, q, w, float64(len(ids))/float64(w.Count))
		}
		return err
	})
	return t, users, err
}

// atOnce is the number of candidates checked before counting the matches.
const atOnce = 5000

// matches returns up to limit users that match q, regardless of its IsActive.
func (s *Store) matches(c sqldb.Conn, of candidates, q user.Query, limit int64) (found []match, err error) {
	q.IsActive = query.Either
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

func (s *Store) matchesAmong(c sqldb.Conn, of candidates, q user.Query, limit int64) ([]match, error) {
	w := s.filter(of, q, "")
	return all(c, func(row []driver.Value) (m match, err error) {
		err = sqldb.Scan(row, &m.id, &m.active)
		return m, err
	}, fmt.Sprintf(selectMatches, w), w.with(limit)...)
}

// countsOf counts up to limit matches, and returns the ids of those that match
// a choice.
func countsOf(matches []match, choice query.Choice, limit int64) (t user.Counts, ids []int64) {
	t.More = int64(len(matches)) > limit
	for _, m := range matches[:min(limit, int64(len(matches)))] {
		if m.active {
			t.Active++
		} else {
			t.Inactive++
		}
		if choice == query.Either || m.active == (choice == query.OnlyTrue) {
			ids = append(ids, m.id)
		}
	}
	return t, ids
}

// rarely is the share of matches below which a choice counts as rare.
const rarely = 0.05

// selectOfMany reads the users in the window when q has many matches, or would
// have without its IsActive, which leaves only a share of them.
func (s *Store) selectOfMany(c sqldb.Conn, of candidates, q user.Query, w user.Window, share float64) (users []user.User, err error) {
	few := false
	switch {
	case of.known && isIndexed(q) && of.areDense(w, share):
		of = candidates{}
	case !of.known && share < rarely:
		if of, few, err = s.fewAmong(c, q); err != nil {
			return nil, err
		}
	}
	return s.selectPage(c, of, q, few, w)
}

// areDense reports whether scanning all users in order finds the window sooner
// than checking all candidates, a share of which match. A scan reads users
// about twice as fast as lookups.
func (of candidates) areDense(w user.Window, share float64) bool {
	n := float64(len(of.ids))
	all := float64(of.ids[len(of.ids)-1])
	return float64(w.Offset+int64(w.Limit))*all < 2*n*n*share
}

// selectNamed reads the users with these ids that are in the window, in the
// order of q.
func (s *Store) selectNamed(c sqldb.Conn, ids []int64, q user.Query, w user.Window) ([]user.User, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	query := "SELECT " + userColumns + " FROM t_users WHERE id " + s.index.IDs + s.order(q, "+") + " LIMIT ? OFFSET ?"
	return s.selectUsers(c, query, w.Limit, index.List(ids), int64(w.Limit), w.Offset)
}
