package store

import (
	"database/sql/driver"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/store/sqldb"
)

// The lengths of columns of text, in code points.
const (
	maxName   = 200
	maxReason = 255
)

// textOf returns a value as text, "" for NULL.
func textOf(value driver.Value) string { return sqldb.TextOf(value).String }

// scanID reads a row whose first column is an id.
func scanID(row []driver.Value) (id int64, err error) {
	err = sqldb.Scan(row, &id)
	return id, err
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
