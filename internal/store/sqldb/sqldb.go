// Package sqldb defines the database interface for the queries of package
// store, and contains what the databases have in common.
package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"

	"roster/internal/fault"
	"roster/internal/form"
)

// Conn runs statements on one connection, or as if on one. It is not safe for
// concurrent use. Arguments are int64, string or nil.
type Conn interface {
	// Exec runs a statement that returns no rows.
	Exec(query string, args ...driver.Value) (driver.Result, error)
	// Query runs a statement and calls scan for each row until scan returns an
	// error; ErrEnough is not reported. The slice is only valid during the
	// call. scan must not use the connection.
	Query(query string, scan func(row []driver.Value) error, args ...driver.Value) error
}

// Tx is a Conn within a transaction. Its errors are of package fault: Conflict
// if a unique key is violated, after which the transaction can continue. After
// any other error it does nothing more, and is rolled back.
type Tx interface {
	Conn
	// Changed records how the previous statements changed the counts.
	Changed(by Counts)
}

// Database runs statements. Its errors are of package fault.
type Database interface {
	// Read runs fn, which only reads, perhaps more than once. name identifies
	// the operation in the log.
	Read(ctx context.Context, name string, fn func(Conn) error) error
	// Write runs fn in one transaction, as user.Store says of InTx.
	Write(ctx context.Context, fn func(Tx) error) error
}

// ErrEnough is returned by a scan that needs no more rows.
var ErrEnough = errors.New("enough rows")

// Referenced returns the error for a row that is not deleted because rows of that
// table refer to it; "" for an unknown table.
func Referenced(table string, cause error) error {
	if table == "" {
		table = "another table"
	} else {
		table = "the table " + table
	}
	return fault.Wrap(fault.Conflict, "Rows of "+table+" refer to this. Delete or change them first.", cause)
}

// ParentGone returns the error for a row that refers to one that does not exist.
func ParentGone(cause error) error {
	return fault.Wrap(fault.Conflict, "This refers to something that was deleted in the meantime.", cause)
}

// RefusedByTrigger returns the error for a change that a trigger of the database
// refuses.
func RefusedByTrigger(cause error) error {
	return fault.Wrap(fault.Conflict, "A trigger of the database refuses this change.", cause)
}

// RefusedByCheck returns the error for a row that breaks a CHECK constraint.
func RefusedByCheck(cause error) error {
	return fault.Wrap(fault.Invalid, "A CHECK constraint of the database refuses this.", cause)
}

// RefusedByColumn returns the error for a value that a column does not take.
func RefusedByColumn(column, message string, cause error) error {
	return &fault.Error{Kind: fault.Invalid, Fields: fault.Fields{{Name: column, Messages: []string{message}}}, Cause: cause}
}

// TooLarge returns the error for a statement that is larger than the database
// accepts.
func TooLarge(cause error) error {
	return fault.Wrap(fault.TooLarge, "This is larger than the database accepts.", cause)
}

// Counts are the numbers of users and active users, or changes of them.
type Counts [2]int64

// The indexes of Counts.
const (
	Total = iota
	Active
)

// Add adds a change.
func (c *Counts) Add(d Counts) {
	c[Total] += d[Total]
	c[Active] += d[Active]
}

// Integer runs a statement that returns one integer.
func Integer(c Conn, query string, args ...driver.Value) (n int64, err error) {
	found := false
	err = c.Query(query, func(row []driver.Value) error {
		found = row[0] != nil
		return FirstError(Scan(row, &n), ErrEnough)
	}, args...)
	if err == nil && !found {
		err = fmt.Errorf("%s: no integer came back", query)
	}
	return n, err
}

// Texts runs a statement and returns its first column.
func Texts(c Conn, query string, args ...driver.Value) (texts []string, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		texts = append(texts, TextOf(row[0]).String)
		return nil
	}, args...)
	return texts, err
}

// TextOf returns a value as text. SQLite stores values of any type in any
// column, so a text column may contain numbers.
func TextOf(value driver.Value) form.Text {
	switch v := value.(type) {
	case nil:
		return form.Text{}
	case string:
		return form.TextOf(v)
	case []byte:
		return form.TextOf(string(v))
	case int64:
		return form.TextOf(strconv.FormatInt(v, 10))
	case bool:
		if v {
			return form.TextOf("1")
		}
		return form.TextOf("0")
	default:
		return form.TextOf(fmt.Sprint(v))
	}
}

// FirstError returns the first of the errors that is not nil.
func FirstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
