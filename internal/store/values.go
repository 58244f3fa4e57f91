package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
)

// The lengths of columns of text, in code points.
const (
	maxName   = 200
	maxReason = 255
)

// textOf returns a value as text, "" for NULL.
func textOf(value driver.Value) string { return sqldb.TextOf(value).String }

// int64Of returns an integer, 0 for NULL. MySQL returns sums as decimals.
func int64Of(value driver.Value) (n int64) {
	if n, ok := value.(int64); ok {
		return n
	}
	if value != nil {
		_, _ = fmt.Sscan(textOf(value), &n) // never fails for a number
	}
	return n
}

// scanID reads a row whose first column is an id.
func scanID(row []driver.Value) (int64, error) { return int64Of(row[0]), nil }

// timeOf reads a time, the zero time for NULL. The error names the column.
func timeOf(value driver.Value, column string) (time.Time, error) {
	if value == nil {
		return time.Time{}, nil
	}
	at, ok := sqldb.ParseTime(textOf(value))
	if !ok {
		return time.Time{}, unreadable(column, fmt.Errorf("%q is not a date and time", textOf(value)))
	}
	return at, nil
}

// unreadable returns the error for an invalid stored value, in a column or a
// row.
func unreadable(place string, cause error) error {
	return fault.Wrap(fault.Internal, "A stored value cannot be read.", fmt.Errorf("%s: %w", place, cause))
}

// flag returns a boolean as Django stores it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// timeOrNull returns a time as Django stores it, NULL for the zero time.
func timeOrNull(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return sqldb.FormatTime(t)
}

// textOrNull returns a text, NULL for "".
func textOrNull(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// cut returns the first n code points of s, as valid UTF-8.
func cut(s string, n int) string {
	s = storable(s)
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// storable replaces invalid UTF-8, which server errors and stack traces may
// contain and MySQL rejects.
func storable(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// marks returns n placeholders in parentheses.
func marks(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }

// values returns arguments for a statement.
func values[T int64 | string](all []T) []driver.Value {
	args := make([]driver.Value, len(all))
	for i, value := range all {
		args[i] = value
	}
	return args
}
