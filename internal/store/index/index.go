// Package index narrows searches: it knows which users may have the words that
// are looked for, so that a search need not read every user. Who is found is
// decided by the search itself. See docs/adr/0016-search-index.md.
package index

import (
	"context"
	"crypto/rand"
	"database/sql/driver"

	"roster/internal/store/index/grams"
	"roster/internal/store/sqldb"
)

// Options are what differs between the databases.
type Options struct {
	Text      string            // what of a user is searched, as SQL
	Triggers  map[string]string // the statements that make the triggers, by name
	Present   string            // selects the names of the triggers that there are
	Certain   bool              // whether Present is asked by every search
	IDs       string            // the condition that what stands before it is in a JSON array
	ForUpdate string            // see the dialect
	Before    string            // what is run before triggers are made, "" for nothing
	After     string            // and after it
}

// Index is the index of a database. It is safe for concurrent use, also by
// several processes, of which one at a time works on it.
type Index struct {
	Options

	db     sqldb.Database
	holder string // names this process in the lease
}

// New returns the index of a database.
func New(db sqldb.Database, o Options) *Index {
	return &Index{Options: o, db: db, holder: rand.Text()}
}

const selectState = "SELECT version, epoch, built, complete, holder, until_at FROM roster_search_state WHERE id = 1"

// state is how far the index is.
type state struct {
	version  string // of the grams
	epoch    int64  // grows when the index is restarted
	built    int64  // users up to this id are in it, but for those that are pending
	complete bool   // all users are
	holder   string // who works on it
	until    int64  // for how long, in seconds since 1970
}

// read reads the state; false when there is none.
func (x *Index) read(c sqldb.Conn, lock string) (s state, ok bool, err error) {
	err = c.Query(selectState+lock, func(row []driver.Value) error {
		number := func(i int) int64 { n, _ := row[i].(int64); return n }
		s = state{
			version: sqldb.TextOf(row[0]).String, epoch: number(1), built: number(2), complete: number(3) == 1,
			holder: sqldb.TextOf(row[4]).String, until: number(5),
		}
		ok = true
		return sqldb.ErrEnough
	})
	return s, ok, err
}

// usable reports whether the index knows of every user.
func (x *Index) usable(c sqldb.Conn) (epoch int64, ok bool, err error) {
	s, found, err := x.read(c, "")
	if err != nil || !found || !s.complete || s.version != grams.Version {
		return 0, false, err
	}
	if !x.Certain {
		return s.epoch, true, nil
	}
	missing, err := x.missing(c)
	return s.epoch, len(missing) == 0, err
}

// missing returns the names of the triggers that are not there.
func (x *Index) missing(c sqldb.Conn) (names []string, err error) {
	present, err := sqldb.Texts(c, x.Present)
	there := map[string]bool{}
	for _, name := range present {
		there[name] = true
	}
	for name := range x.Triggers {
		if !there[name] {
			names = append(names, name)
		}
	}
	return names, err
}

// IsComplete reports whether searches are narrowed.
func (x *Index) IsComplete(ctx context.Context) (ok bool, err error) {
	err = x.db.Read(ctx, "ask for the search index", func(c sqldb.Conn) error {
		_, ok, err = x.usable(c)
		return err
	})
	return ok, err
}
