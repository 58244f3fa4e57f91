package store

import (
	"context"
	"database/sql/driver"
	"strings"

	"roster/internal/store/engine"
	"roster/internal/user"
)

// Explain returns how the database runs the named statement, a line for each
// row of its answer, whose column of that number it is.
func Explain(ctx context.Context, s *Store, command, name string, column int) (plan string, err error) {
	found := func(q user.Query, few bool) string {
		statement, _ := s.selectFound(candidates{}, q, few)
		return statement
	}
	statement := map[string]string{
		"find":             selectUser,
		"page":             selectPage,
		"deep page":        s.deepPage,
		"page from end":    selectDeepPageFromEnd,
		"total":            selectTotal,
		"active":           selectActive,
		"taken":            takenUser,
		"created":          "SELECT " + selectCreated,
		"oldest first":     found(user.Query{Order: "created_at"}, false),
		"newest active":    found(user.Query{IsActive: user.OnlyTrue}, false),
		"few active":       found(user.Query{IsActive: user.OnlyTrue}, true),
		"newest with word": found(user.Query{Search: "word"}, false),
		"few with word":    found(user.Query{Search: "word"}, true),
		"by username":      found(user.Query{Order: "-username"}, false),
	}[name]
	args := make([]driver.Value, strings.Count(statement, "?"))
	for i := range args {
		args[i] = int64(7)
	}
	switch name {
	case "created":
		args = []driver.Value{"2026-11-22 00:00:00", "2026-11-23 00:00:00"}
	case "newest with word", "few with word":
		args[0] = "word"
	}
	err = s.db.Read(ctx, "plan", func(c engine.Conn) error {
		return c.Query(command+" "+statement, func(row []driver.Value) error {
			plan += engine.TextOf(row[column]).String + "\n"
			return nil
		}, args...)
	})
	return plan, err
}

// GlobPattern and RegexpPattern make the patterns of words.
var (
	GlobPattern   = globPattern
	RegexpPattern = regexpPattern
)

// Globs reports whether SQLite finds a pattern in a text.
func Globs(ctx context.Context, s *Store, text, pattern string) (matches bool, err error) {
	err = s.db.Read(ctx, "match", func(c engine.Conn) error {
		n, err := engine.Integer(c, "SELECT LOWER(?) GLOB ?", text, pattern)
		matches = n == 1
		return err
	})
	return matches, err
}

// HoldScans keeps all scans waiting until release is called.
func HoldScans(s *Store) (release func()) {
	for range cap(s.scans) {
		s.scans <- struct{}{}
	}
	return func() {
		for range cap(s.scans) {
			<-s.scans
		}
	}
}
