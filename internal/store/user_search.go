package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/internal/query"
	"roster/internal/store/index"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// searched returns the text to search: the columns' texts.
func (d *dialect) searched() string {
	var lines []string
	for _, c := range userFields {
		switch {
		case c.Searched && c.Nullable:
			lines = append(lines, "COALESCE("+d.text(c.Name)+", '')")
		case c.Searched:
			lines = append(lines, d.text(c.Name))
		}
	}
	return d.lines(lines)
}

// plainText is the text of a SQLite column, compared by code point.
func plainText(column string) string { return column }

// convertedText is the text of a MySQL column, compared by code point whatever
// the column's character set and collation.
func convertedText(column string) string {
	return "CONVERT(" + column + " USING utf8mb4) COLLATE utf8mb4_0900_bin"
}

// findUsers reads a page of the users that match q.
func (s *Store) findUsers(ctx context.Context, q user.Query, offset int64, limit int) (users []user.User, err error) {
	err = s.scan(ctx, "find users", func(c sqldb.Conn) error {
		of, few, err := s.fewAmong(c, q)
		if err != nil {
			return err
		}
		users, err = s.selectPage(c, of, q, few, user.Window{Offset: offset, Limit: limit})
		return err
	})
	return users, err
}

// selectPage reads the matches of q in the window, which are all among the
// candidates.
func (s *Store) selectPage(c sqldb.Conn, of candidates, q user.Query, few bool, w user.Window) ([]user.User, error) {
	query, args := s.selectFound(of, q, few)
	return s.selectUsers(c, query, w.Limit, append(args, int64(w.Limit), w.Offset)...)
}

// selectFound returns the statement for a page of the users that match q, and
// its arguments except the limit and the offset. The users of the page are
// found using only the columns of the order, and then read: rows to sort or
// skip are narrow, and an index may cover them. SQLite does not use the index
// of a column with a plus before it; MySQL ignores the plus. Thus few matches
// are found and sorted, and of many, the first are found in order.
func (d *dialect) selectFound(of candidates, q user.Query, few bool) (query string, args []driver.Value) {
	isActive, ordered := "+is_active", ""
	if few {
		isActive, ordered = indexedActive(q), "+"
	}
	w := d.filter(of, q, isActive)
	return "SELECT " + userColumns + " FROM t_users JOIN (SELECT id FROM t_users" + w.String() + d.order(q, ordered) +
		" LIMIT ? OFFSET ?) AS page USING (id)" + d.order(q, "+"), w.args
}

// WalkUsers returns users that match q, by id. The plus keeps SQLite from
// sorting the result of its index on is_active.
func (s *Store) WalkUsers(ctx context.Context, q user.Query, after, through int64, limit int) (users []user.User, err error) {
	err = s.scan(ctx, "walk users", func(c sqldb.Conn) error {
		of, err := s.candidates(c, q, maxOrdered)
		if err != nil {
			return err
		}
		w := s.filter(of, q, "+is_active")
		w.add("id > ? AND id <= ?", after, through)
		query := "SELECT " + userColumns + " FROM t_users" + w.String() + " ORDER BY id LIMIT ?"
		users, err = s.selectUsers(c, query, limit, w.with(int64(limit))...)
		return err
	})
	return users, err
}

// scan is like Read, for a query that may scan a table.
func (s *Store) scan(ctx context.Context, name string, fn func(sqldb.Conn) error) error {
	select {
	case s.scans <- struct{}{}:
		defer func() { <-s.scans }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.db.Read(ctx, name, fn)
}

// selectFew counts up to 5000 matches. Finding and sorting so few is faster
// than scanning all users in order.
const selectFew = "SELECT COUNT(*) < 5000 FROM (SELECT 1 FROM t_users%s LIMIT 5000) AS few"

// isIndexed reports whether an index provides the order of q.
func isIndexed(q user.Query) bool {
	switch q.Keys()[0].Field {
	case "id", "username", "email", "is_active", "created_at":
		return true
	}
	return false
}

// indexedActive is the column is_active, in the form that uses its index unless
// the dates are more selective.
func indexedActive(q user.Query) string {
	if q.From.IsZero() && q.Before.IsZero() {
		return "is_active"
	}
	return "+is_active"
}

// fewAmong reports whether q has few matches, and the candidates. Few matches
// are found and sorted.
func (s *Store) fewAmong(c sqldb.Conn, q user.Query) (of candidates, few bool, err error) {
	of, err = s.candidates(c, q, maxLooked)
	if err != nil || of.known && len(of.ids) <= maxOrdered {
		return of, of.known, err
	}
	w := s.filter(of, q, indexedActive(q))
	if len(w.terms) == 0 {
		return of, false, nil
	}
	few, err = exists(c, fmt.Sprintf(selectFew, w), w.args...)
	if !few {
		of = candidates{}
	}
	return of, few, err
}

// filter returns the condition of a query, restricted to candidates. isActive
// is the column of that name.
func (d *dialect) filter(of candidates, q user.Query, isActive string) (w where) {
	createdAt := "created_at"
	if of.known {
		// SQLite only uses the id for the candidates if no other condition has
		// an index.
		isActive, createdAt = "+is_active", "+created_at"
		w.add("id "+d.index.IDs, index.List(of.ids))
	}
	w.addFlag(isActive, q.IsActive)
	w.addSpan(createdAt, q.From, q.Before)
	d.addWordsIn(&w, q.Words(), d.searched())
	d.addFilter(&w, q.Condition())
	d.addCursor(&w, q, of.known)
	return w
}

// addCursor limits the users to those after the cursor of q. The first comparison is
// for MySQL, which uses no index for a comparison of rows.
func (d *dialect) addCursor(w *where, q user.Query, sorted bool) {
	if q.Cursor == (query.Cursor{}) {
		return
	}
	key, id := q.Keys()[0], q.Cursor.ID
	column, op := d.sortKey(key.Field), ">"
	value, _ := q.CursorValue() // checked by user.Users
	if key.Descending {
		op = "<"
	}
	if sorted {
		column = "+" + column
	}
	if value == nil {
		w.add(column+" "+op+" ?", id)
		return
	}
	if at, ok := value.(time.Time); ok {
		value = sqldb.FormatTime(at)
	}
	w.add(column+" "+op+"= ? AND ("+column+", id) "+op+" (?, ?)", value, value, id)
}

// order returns the ORDER BY clause of a query, with a prefix before each key.
func (d *dialect) order(q user.Query, prefix string) string {
	var b strings.Builder
	for i, key := range q.Keys() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(prefix + d.sortKey(key.Field))
		if key.Descending {
			b.WriteString(" DESC")
		}
	}
	return " ORDER BY " + b.String()
}

// sortKey returns the sort expression of a field, so that no other text gets
// into a statement.
func (d *dialect) sortKey(field string) string {
	switch c := userFields.Find(field); {
	case c == nil:
		return "id"
	case !c.Nullable:
		return c.Name // in index order, if it has an index
	case c.MaxLength > 0:
		return d.text(c.Name)
	default:
		// MySQL compares at most max_sort_length bytes, 1024.
		return d.text("SUBSTR(" + c.Name + ", 1, 200)")
	}
}

// anchors are the ends of a text at which a word must stand.
type anchors struct{ start, end bool }

// globPattern returns the SQLite GLOB pattern for texts, with lower-case ASCII,
// that contain the word.
func globPattern(word string, at anchors) string {
	var b strings.Builder
	if !at.start {
		b.WriteByte('*')
	}
	for _, r := range word {
		same := sameLetter(r)
		switch {
		case r < utf8.RuneSelf && unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		case len(same) == 1 && !strings.ContainsRune("*?[", r):
			b.WriteRune(r)
		default:
			b.WriteString("[" + string(same) + "]") // a character class, in which none of these is special
		}
	}
	if !at.end {
		b.WriteByte('*')
	}
	return b.String()
}

// regexpPattern returns the regular expression, for MySQL and Go, for texts
// that contain the word.
func regexpPattern(word string, at anchors) string {
	var b strings.Builder
	if at.start {
		b.WriteString(`\A`)
	}
	for _, r := range word {
		b.WriteByte('[')
		for _, same := range sameLetter(r) {
			b.WriteString(`\x{` + strconv.FormatInt(int64(same), 16) + "}")
		}
		b.WriteByte(']')
	}
	if at.end {
		b.WriteString(`\z`)
	}
	return b.String()
}

// sameLetter returns r and the characters that differ only in case, by
// Unicode's simple case folding. ASCII letters only match ASCII letters, not
// the Kelvin sign.
func sameLetter(r rune) []rune {
	same := []rune{r}
	for v := unicode.SimpleFold(r); v != r; v = unicode.SimpleFold(v) {
		if (v < utf8.RuneSelf) == (r < utf8.RuneSelf) {
			same = append(same, v)
		}
	}
	return same
}
