// Package index narrows searches: it knows which users may match, so that a
// search need not read every user. The search itself decides matches. See
// docs/adr/0016-search-index.md.
package index

import (
	"context"
	"crypto/rand"
	"database/sql/driver"

	"roster/internal/store/index/grams"
	"roster/internal/store/sqldb"
)

// Options are the differences between the databases.
type Options struct {
	Text      string            // the searched text of a user, as SQL
	Triggers  map[string]string // CREATE statements of the triggers, by name
	Present   string            // selects the names of the existing triggers
	Certain   bool              // whether every search runs Present
	IDs       string            // the condition that the preceding expression is in a JSON array
	ForUpdate string            // see the dialect
	Before    string            // statement before creating triggers, "" for none
	After     string            // statement after it
}

// Index is the search index of a database. It is safe for concurrent use, also
// by several processes, of which one at a time updates it.
type Index struct {
	Options

	db     sqldb.Database
	holder string // identifies this process in the lease
}

// New returns the index of a database.
func New(db sqldb.Database, o Options) *Index {
	return &Index{Options: o, db: db, holder: rand.Text()}
}

const selectState = "SELECT version, epoch, built, complete, holder, until_at FROM roster_search_state WHERE id = 1"

// state is the progress of the index.
type state struct {
	version  string // of the grams
	epoch    int64  // increases when the index is rebuilt
	built    int64  // users up to this id are indexed, except pending ones
	complete bool   // all users are indexed
	holder   string // the process that updates it
	until    int64  // end of the lease, in seconds since 1970
}

// read reads the state; false if there is none.
func (x *Index) read(c sqldb.Conn, lock string) (s state, ok bool, err error) {
	err = c.Query(selectState+lock, func(row []driver.Value) error {
		ok = true
		return sqldb.FirstError(sqldb.Scan(row, &s.version, &s.epoch, &s.built, &s.complete, &s.holder, &s.until), sqldb.ErrEnough)
	})
	return s, ok, err
}

// usable reports whether the index covers all users.
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

// missing returns the names of the missing triggers.
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

// IsComplete reports whether searches use the index.
func (x *Index) IsComplete(ctx context.Context) (ok bool, err error) {
	err = x.db.Read(ctx, "ask for the search index", func(c sqldb.Conn) error {
		_, ok, err = x.usable(c)
		return err
	})
	return ok, err
}
