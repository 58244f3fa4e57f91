package store

import (
	"context"
	"database/sql/driver"
	"strings"

	"roster/internal/store/engine"
)

// Explain returns how the database runs the named statement, a line for each
// row of its answer, whose column of that number it is.
func Explain(ctx context.Context, s *Store, command, name string, column int) (plan string, err error) {
	statement := map[string]string{
		"find":          selectUser,
		"page":          selectPage,
		"deep page":     s.deepPage,
		"page from end": selectDeepPageFromEnd,
		"total":         selectTotal,
		"active":        selectActive,
		"taken":         takenUser,
	}[name]
	args := make([]driver.Value, strings.Count(statement, "?"))
	for i := range args {
		args[i] = int64(7)
	}
	err = s.db.Read(ctx, "plan", func(c engine.Conn) error {
		return c.Query(command+" "+statement, func(row []driver.Value) error {
			plan += engine.TextOf(row[column]).String + "\n"
			return nil
		}, args...)
	})
	return plan, err
}

// ParseTime and FormatTime are how times are read and written.
var (
	ParseTime  = parseTime
	FormatTime = formatTime
)
