package store

import (
	"context"
	"database/sql/driver"
	"math"
	"strings"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// UserLimits returns the limits of the columns of t_users, which may be narrower
// than in Django's table. SQLite has none.
func (s *Store) UserLimits(ctx context.Context) (limits user.Limits, err error) {
	limits = user.Limits{}
	if s.columnLimits == "" {
		return limits, nil
	}
	err = s.db.Read(ctx, "read the limits of columns", func(c sqldb.Conn) error {
		return c.Query(s.columnLimits, func(row []driver.Value) error {
			var name, charset string
			var length, bytes int64
			err := sqldb.Scan(row, &name, &length, &bytes, &charset)
			limits[name] = limitOf(length, bytes, charset)
			return err
		})
	})
	return limits, err
}

// widest are the highest code points of character sets, as far as they are known
// and the set has all characters up to it.
var widest = map[string]rune{"utf8mb3": 0xFFFF, "utf8": 0xFFFF, "ucs2": 0xFFFF, "ascii": 0x7F}

// limitOf returns the limit of a column. The length of a TEXT is in bytes.
func limitOf(length, bytes int64, charset string) user.Limit {
	limit := user.Limit{Widest: widest[charset]}
	if length == bytes && charset != "ascii" && charset != "latin1" {
		limit.Bytes = int(min(bytes, math.MaxInt32))
	} else {
		limit.Length = int(min(length, math.MaxInt32))
	}
	return limit
}

// checkStored returns Invalid if a stored user lacks a part of a text: MySQL cuts
// and replaces what does not fit, unless its mode is strict, which a proxy may
// have prevented.
func checkStored(asked, stored *user.User) error {
	var faults fault.Fields
	for i := range userFields {
		field := &userFields[i]
		var want, got string
		switch at := field.At(asked).(type) {
		case *string:
			want, got = *at, *field.At(stored).(*string)
		case *form.Text:
			want, got = at.String, field.At(stored).(*form.Text).String
		}
		if isLossy(want, got) {
			faults.Add(field.Name, "The database cannot store this text.")
		}
	}
	return faults.Err()
}

// isLossy reports whether the database cut a text or replaced characters.
func isLossy(asked, stored string) bool {
	if asked == stored {
		return false
	}
	return strings.HasPrefix(asked, stored) || strings.Count(stored, "?") > strings.Count(asked, "?")
}
