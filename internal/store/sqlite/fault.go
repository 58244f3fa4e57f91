package sqlite

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
)

// Result codes of SQLite. See https://www.sqlite.org/rescode.html.
const (
	codeBusy       = 5
	codeLocked     = 6
	codeNoMemory   = 7
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeIO         = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCannotOpen = 14
	codeProtocol   = 15
	codeTooBig     = 18
	codeConstraint = 19
	codeNotADB     = 26

	codeUniqueKey  = codeConstraint | 8<<8
	codePrimaryKey = codeConstraint | 6<<8
	codeForeignKey = codeConstraint | 3<<8
	codeTrigger    = codeConstraint | 7<<8
	codeCheck      = codeConstraint | 1<<8
	codeNotNull    = codeConstraint | 5<<8
	codeDatatype   = codeConstraint | 12<<8 // of a STRICT table
	codeNoShmSpace = codeIO | 19<<8         // the shared memory file could not be made larger
)

// faultOf adds a kind to a driver's error. Errors with a kind are unchanged.
func faultOf(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	code, _ := driverCode(err)
	switch code {
	case codeUniqueKey, codePrimaryKey:
		return fault.Wrap(fault.Conflict, "Another user has this username or e-mail address.", err)
	case codeForeignKey:
		return sqldb.Referenced("", err)
	case codeTrigger:
		return sqldb.RefusedByTrigger(err)
	case codeCheck, codeDatatype:
		return sqldb.RefusedByCheck(err)
	case codeNotNull:
		return notNullFault(err)
	case codeNoShmSpace:
		return fault.Wrap(fault.Full, "There is no space to store this.", err)
	}
	switch code & 0xff {
	case codeBusy, codeLocked:
		return fault.Wrap(fault.Unavailable, "The database is locked by another program.", err)
	case codeTooBig:
		return sqldb.TooLarge(err)
	case codeFull:
		return fault.Wrap(fault.Full, "There is no space to store this.", err)
	case codeProtocol, codeNoMemory, codeReadOnly, codeInterrupt, codeIO, codeCannotOpen:
		return fault.Wrap(fault.Unavailable, "The database is not available.", err)
	}
	return fault.Wrap(fault.Internal, "The database failed.", err)
}

// notNullColumn matches the column of "NOT NULL constraint failed: t_users.phone".
var notNullColumn = regexp.MustCompile(`failed: (\w+)\.(\w+)`)

// notNullFault returns Invalid, which names the column, for a table that another
// program may have made.
func notNullFault(err error) error {
	if found := notNullColumn.FindStringSubmatch(err.Error()); found != nil && !strings.HasPrefix(found[1], "roster_") {
		return sqldb.RefusedByColumn(found[2], "The database does not allow null in this field.", err)
	}
	return fault.Wrap(fault.Internal, "The database failed.", err)
}

// primaryCode returns SQLite's primary result code of a driver's error, 0 if it
// has none.
func primaryCode(err error) int {
	code, _ := driverCode(err)
	return code & 0xff
}

// isBusy reports whether another connection holds the lock.
func isBusy(err error) bool {
	code := primaryCode(err)
	return code == codeBusy || code == codeLocked
}

// patience is how long to wait for a lock held by another program.
const patience = 10 * time.Second

// untilFree retries op at random intervals while another program holds the
// lock, until limit has passed or stop is closed.
func untilFree(limit time.Duration, stop <-chan struct{}, op func() error) error {
	for start := time.Now(); ; {
		err := op()
		if !isBusy(err) || time.Since(start) >= limit {
			return err
		}
		select {
		case <-time.After(time.Millisecond + rand.N(20*time.Millisecond)): //nolint:gosec // jitter
		case <-stop:
			return sqldb.ErrClosed
		}
	}
}
