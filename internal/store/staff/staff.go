// Package staff keeps staff accounts, groups, sessions, second factors and the
// counters of logins, by the queries of auth.Store, on the tables of Django and
// on Roster's own.
package staff

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/store/sqldb"
)

var (
	_ auth.Store    = (*Store)(nil)
	_ auth.Counters = (*Store)(nil)
)

// Options say what differs between databases, and how entries of the audit
// trail are kept.
type Options struct {
	ForUpdate  string // locks the rows that a SELECT finds until the transaction ends
	SkipLocked string // the same, leaving out those that another transaction has locked
	// CountUse begins or goes on with a window of a counter, given its key, the
	// start and end of a new window, and twice the time now.
	CountUse string
	// SaveFactor stores a row of roster_totp in the place of any other.
	SaveFactor string
	Record     func(t sqldb.Tx, e audit.Entry) error
}

// Store is an auth.Store and auth.Counters. It is safe for concurrent use. What
// it reads decides what callers may do, so nothing of it lags.
type Store struct {
	db sqldb.Database
	o  Options
}

// New returns a store on a database.
func New(db sqldb.Database, o Options) *Store { return &Store{db, o} }

// InTx implements auth.Store.
func (s *Store) InTx(ctx context.Context, fn func(auth.Tx) error) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error { return fn(tx{t, &s.o}) })
}

// tx is an auth.Tx within a transaction of the database.
type tx struct {
	sqldb.Tx
	o *Options
}

// Record implements audit.Recorder.
func (t tx) Record(e audit.Entry) error { return t.o.Record(t.Tx, e) }

var errNotFound = fault.New(fault.NotFound, "Not found.")

// flag returns a boolean as Django stores it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// timeAt reads a time; there is none where it is NULL.
func timeAt(value driver.Value, column string) (time.Time, error) {
	text := sqldb.TextOf(value)
	if !text.Valid {
		return time.Time{}, nil
	}
	at, ok := sqldb.ParseTime(text.String)
	if !ok {
		return time.Time{}, fault.Wrap(fault.Internal, "A stored time cannot be read.", fmt.Errorf("%s is not a date and time", column))
	}
	return at, nil
}

// list returns n placeholders in brackets.
func list(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?, ", n), ", ") + ")" }

func integers(ids []int64) []driver.Value {
	args := make([]driver.Value, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return args
}
