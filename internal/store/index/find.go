package index

import (
	"cmp"
	"database/sql/driver"
	"slices"

	"roster/internal/store/index/grams"
	"roster/internal/store/sqldb"
)

const (
	// maxGrams is how many grams of a search are looked up, and maxSets how
	// many of them, the rarest, are read.
	maxGrams = 24
	maxSets  = 8
	// fewEnough is the number of candidates below which no further set is read.
	fewEnough = 64
	// maxPending is the number of pending users above which scanning all users
	// is faster than checking them.
	maxPending = 20_000
)

const (
	selectCount   = "SELECT CAST(COALESCE(SUM(n), 0) AS SIGNED) FROM roster_search_cells WHERE cell BETWEEN ? AND ?"
	selectSets    = "SELECT cell, ids FROM roster_search_cells WHERE cell BETWEEN ? AND ?"
	selectPending = "SELECT user_id FROM roster_search_pending ORDER BY id LIMIT ?"
)

// Candidates returns the ids of users that include all matches of the words, in
// ascending order. It returns false if it does not know them, or if there are
// more than limit.
//
// Pending ids are read before the sets: a user moved from pending to the sets
// in between is in one of the two.
func (x *Index) Candidates(c sqldb.Conn, words []string, limit int) (ids []int64, ok bool, err error) {
	wanted := grams.Of(words, maxGrams)
	if len(wanted) == 0 || slices.ContainsFunc(words, grams.IsOdd) {
		return nil, false, nil
	}
	epoch, ok, err := x.usable(c)
	if err != nil || !ok {
		return nil, false, err
	}
	ids, err = pending(c)
	if err != nil || len(ids) > maxPending {
		return nil, false, err
	}
	found, err := intersect(c, wanted)
	if err != nil || found.size() > limit {
		return nil, false, err
	}
	odd, err := setsOf(c, grams.Odd)
	if err != nil {
		return nil, false, err
	}
	ids = odd.appendTo(found.appendTo(ids))
	slices.Sort(ids)
	ids = slices.Compact(ids)
	after, ok, err := x.usable(c)
	return ids, ok && after == epoch && len(ids) <= limit, err
}

// pending returns the ids of users changed since they were indexed, possibly
// with duplicates, and at most one more than the limit.
func pending(c sqldb.Conn) (ids []int64, err error) {
	err = c.Query(selectPending, func(row []driver.Value) error {
		id, err := sqldb.Int(row[0])
		ids = append(ids, id)
		return err
	}, int64(maxPending+1))
	return ids, err
}

// sets are ids, by the first id of their block.
type sets map[int64]grams.Set

func (s sets) size() (n int) {
	for _, set := range s {
		n += set.Len()
	}
	return n
}

func (s sets) appendTo(ids []int64) []int64 {
	for first, set := range s {
		for place := range set.All() {
			ids = append(ids, first+int64(place))
		}
	}
	return ids
}

// and keeps the ids that are in both.
func (s sets) and(other sets) {
	for first, set := range s {
		if both := set.And(other[first]); len(both) > 0 {
			s[first] = both
		} else {
			delete(s, first)
		}
	}
}

// setsOf reads the ids of a gram.
func setsOf(c sqldb.Conn, g grams.Gram) (sets, error) {
	first, last := grams.Cells(g)
	found := sets{}
	err := c.Query(selectSets, func(row []driver.Value) error {
		cell, err := sqldb.Int(row[0])
		found[grams.Cell(cell).First()] = grams.Set(sqldb.TextOf(row[1]).String)
		return err
	}, int64(first), int64(last))
	return found, err
}

// counted is a gram and the number of its ids.
type counted struct {
	gram grams.Gram
	n    int64
}

// intersect returns the ids that have the rarest of the grams.
func intersect(c sqldb.Conn, wanted []grams.Gram) (found sets, err error) {
	byCount := make([]counted, len(wanted))
	for i, g := range wanted {
		first, last := grams.Cells(g)
		n, err := sqldb.Integer(c, selectCount, int64(first), int64(last))
		if err != nil || n == 0 {
			return nil, err
		}
		byCount[i] = counted{g, n}
	}
	slices.SortFunc(byCount, func(a, b counted) int { return cmp.Compare(a.n, b.n) })
	for i, g := range byCount[:min(maxSets, len(byCount))] {
		if i > 0 && found.size() <= fewEnough {
			break
		}
		next, err := setsOf(c, g.gram)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			found = next
		} else {
			found.and(next)
		}
	}
	return found, nil
}
