package index

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/store/index/grams"
	"roster/internal/store/sqldb"
)

const (
	// inStep is the number of cells or rows per write transaction.
	inStep = 400
	// inRead is the number of users per read.
	inRead = 4000
	// inDrain is the number of pending users processed together: the more, the
	// more of them share a cell.
	inDrain = 8000
	// lease is how long other processes wait for a process that died.
	lease = 30 * time.Second
)

const (
	selectNext   = "SELECT id FROM t_users WHERE id > ? AND id <= ? ORDER BY id LIMIT 1"
	selectPlaces = "SELECT id, user_id FROM roster_search_pending WHERE user_id BETWEEN 0 AND ? ORDER BY id LIMIT ?"
	deletePlace  = "DELETE FROM roster_search_pending WHERE id = ?"
	insertAlien  = "INSERT INTO roster_search_pending (user_id) SELECT id FROM t_users WHERE id < 0 OR id > ?"
	updateLease  = "UPDATE roster_search_state SET holder = ?, until_at = ? WHERE id = 1"
	updateBuilt  = "UPDATE roster_search_state SET built = ?, complete = ? WHERE id = 1"
	restart      = "UPDATE roster_search_state SET version = ?, epoch = epoch + 1, built = -1, complete = 0 WHERE id = 1"
	replaceCell  = "REPLACE INTO roster_search_cells (cell, n, ids) VALUES (?, ?, ?)"
)

// errBusy is returned while another process updates the index.
var errBusy = fault.New(fault.Conflict, "Another process works on the search index.")

// hold runs fn in a transaction that locks the state. It returns errBusy while
// another process has the lease.
func (x *Index) hold(ctx context.Context, fn func(sqldb.Tx, state) error) error {
	return x.db.Write(ctx, func(t sqldb.Tx) error {
		s, ok, err := x.read(t, x.ForUpdate)
		now := time.Now()
		switch {
		case err != nil:
			return err
		case !ok, x.isTaken(s, now):
			return errBusy
		}
		if _, err := t.Exec(updateLease, x.holder, now.Add(lease).Unix()); err != nil {
			return err
		}
		return fn(t, s)
	})
}

// isTaken reports whether another process has the lease.
func (x *Index) isTaken(s state, now time.Time) bool {
	return s.holder != x.holder && s.until > now.Unix()
}

// begin restarts the index. Users without a cell stay pending.
func begin(t sqldb.Tx) error {
	if _, err := t.Exec(restart, grams.Version); err != nil {
		return err
	}
	_, err := t.Exec(insertAlien, int64(grams.MaxID))
	return err
}

// cells are the places to add to each cell.
type cells map[grams.Cell][]uint16

// add adds the grams of a user's text.
func (cs cells) add(id int64, text string) {
	place := uint16(id % grams.BlockSize) //nolint:gosec // a block has as many places
	note := func(g grams.Gram) {
		cell := grams.CellOf(g, id)
		if places := cs[cell]; len(places) == 0 || places[len(places)-1] != place {
			cs[cell] = append(places, place)
		}
	}
	if grams.IsOdd(text) {
		note(grams.Odd)
	}
	for g := range grams.All(text) {
		note(g)
	}
}

// build indexes the users of the next block, and reports whether there were
// any. rest is called between transactions.
func (x *Index) build(ctx context.Context, s state, rest func(time.Duration)) (more bool, err error) {
	next, err := x.next(ctx, s.built)
	if err != nil {
		return false, err
	}
	if next > grams.MaxID {
		return false, x.advance(ctx, s, s.built, true)
	}
	last := next - next%grams.BlockSize + grams.BlockSize - 1
	found := cells{}
	for after, n := next-1, inRead; n == inRead; {
		if after, n, err = x.texts(ctx, found, "id > ? AND id <= ? ORDER BY id LIMIT ?", after, last, int64(inRead)); err != nil {
			return false, err
		}
	}
	if err := x.write(ctx, found, rest); err != nil {
		return false, err
	}
	return true, x.advance(ctx, s, last, false)
}

// next returns the first id above built that has a cell; if there is none,
// MaxID + 1.
func (x *Index) next(ctx context.Context, built int64) (id int64, err error) {
	id = grams.MaxID + 1
	err = x.db.Read(ctx, "find what is not in the search index", func(c sqldb.Conn) error {
		return c.Query(selectNext, func(row []driver.Value) error {
			return sqldb.FirstError(sqldb.Scan(row, &id), sqldb.ErrEnough)
		}, built, int64(grams.MaxID))
	})
	return id, err
}

// texts collects the texts of users, and returns the last id and their number.
func (x *Index) texts(ctx context.Context, into cells, where string, args ...driver.Value) (last int64, n int, err error) {
	query := "SELECT id, " + x.Text + " FROM t_users WHERE " + where
	err = x.db.Read(ctx, "read what is searched", func(c sqldb.Conn) error {
		n = 0
		return c.Query(query, func(row []driver.Value) error {
			if last, err = sqldb.Int(row[0]); err != nil {
				return err
			}
			into.add(last, sqldb.TextOf(row[1]).String)
			n++
			return nil
		}, args...)
	})
	return last, n, err
}

// advance stores the progress, unless the index was restarted in the meantime.
func (x *Index) advance(ctx context.Context, then state, built int64, complete bool) error {
	return x.hold(ctx, func(t sqldb.Tx, s state) error {
		if s.epoch != then.epoch {
			return nil
		}
		done := int64(0)
		if complete {
			done = 1
		}
		_, err := t.Exec(updateBuilt, built, done)
		return err
	})
}

// drain indexes pending users, and reports whether there were any. Concurrent
// changes make them pending again.
func (x *Index) drain(ctx context.Context, rest func(time.Duration)) (more bool, err error) {
	start := time.Now()
	var places []int64
	users := map[int64]bool{}
	err = x.db.Read(ctx, "find who is not in the search index", func(c sqldb.Conn) error {
		places, users = nil, map[int64]bool{}
		return c.Query(selectPlaces, func(row []driver.Value) error {
			var place, id int64
			err := sqldb.Scan(row, &place, &id)
			places, users[id] = append(places, place), true
			return err
		}, int64(grams.MaxID), int64(inDrain))
	})
	if err != nil || len(places) == 0 {
		return false, err
	}
	found := cells{}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(users)), inRead) {
		if _, _, err := x.texts(ctx, found, "id "+x.IDs+" ORDER BY id", List(ids)); err != nil {
			return false, err
		}
	}
	rest(time.Since(start))
	if err := x.write(ctx, found, rest); err != nil {
		return false, err
	}
	return true, x.forget(ctx, places, rest)
}

// forget deletes pending rows, each by its number: other rows in between may
// belong to open transactions.
func (x *Index) forget(ctx context.Context, places []int64, rest func(time.Duration)) error {
	for some := range slices.Chunk(places, inStep) {
		start := time.Now()
		err := x.hold(ctx, func(t sqldb.Tx, _ state) error {
			for _, place := range some {
				if _, err := t.Exec(deletePlace, place); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		rest(time.Since(start))
	}
	return nil
}

// write adds places to cells, some cells per transaction. An interruption is
// harmless.
func (x *Index) write(ctx context.Context, found cells, rest func(time.Duration)) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(found)), inStep) {
		start := time.Now()
		if err := x.hold(ctx, func(t sqldb.Tx, _ state) error { return x.merge(t, some, found) }); err != nil {
			return err
		}
		rest(time.Since(start))
	}
	return nil
}

// merge adds places to some cells.
func (x *Index) merge(t sqldb.Tx, some []grams.Cell, found cells) error {
	stored := make(map[grams.Cell]grams.Set, len(some))
	err := t.Query("SELECT cell, ids FROM roster_search_cells WHERE cell "+x.IDs, func(row []driver.Value) error {
		cell, err := sqldb.Int(row[0])
		stored[grams.Cell(cell)] = grams.Set(sqldb.TextOf(row[1]).String)
		return err
	}, List(some))
	if err != nil {
		return err
	}
	var values []driver.Value
	for _, cell := range some {
		before := stored[cell]
		if after := before.With(found[cell]); len(before) == 0 || after.Len() != before.Len() {
			values = append(values, int64(cell), int64(after.Len()), []byte(after))
		}
	}
	return replace(t, values)
}

// inStatement is the number of cells per statement.
const inStatement = 50

// replace writes cells.
func replace(t sqldb.Tx, values []driver.Value) error {
	const columns = 3
	many := replaceCell + strings.Repeat(", (?, ?, ?)", inStatement-1)
	for row := range slices.Chunk(values, columns*inStatement) {
		if len(row) == columns*inStatement {
			if _, err := t.Exec(many, row...); err != nil {
				return err
			}
			continue
		}
		for one := range slices.Chunk(row, columns) {
			if _, err := t.Exec(replaceCell, one...); err != nil {
				return err
			}
		}
	}
	return nil
}

// List returns ids as a JSON array for Options.IDs.
func List[ID ~int64](ids []ID) string {
	text, err := json.Marshal(ids)
	if err != nil || len(ids) > math.MaxInt32 {
		panic(fmt.Sprint("numbers cannot be encoded: ", err)) // never fails
	}
	return string(text)
}
