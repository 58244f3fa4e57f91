package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster/internal/query"
	"roster/internal/store/index"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// searched returns what words are looked for in: the columns' texts, each on a
// line of its own, as no word goes over the end of a line. text is the dialect's.
func searched(text func(column string) string) string {
	var lines []string
	for _, c := range userFields {
		switch {
		case c.Searched && c.Nullable:
			lines = append(lines, "COALESCE("+text(c.Name)+", '')")
		case c.Searched:
			lines = append(lines, text(c.Name))
		}
	}
	return strings.Join(lines, " || '\n' || ")
}

// plainText is the text of a column of SQLite, compared by its code points.
func plainText(column string) string { return column }

// convertedText is the text of a column of MySQL, compared by its code points
// whatever the character set and the collation of the column.
func convertedText(column string) string {
	return "CONVERT(" + column + " USING utf8mb4) COLLATE utf8mb4_0900_bin"
}

// findUsers reads a page of the users that q finds.
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

// selectPage reads those in the window of the users that q finds, who are all among of.
func (s *Store) selectPage(c sqldb.Conn, of candidates, q user.Query, few bool, w user.Window) ([]user.User, error) {
	query, args := s.selectFound(of, q, few)
	return selectUsers(c, query, w.Limit, append(args, int64(w.Limit), w.Offset)...)
}

// selectFound returns the statement for a page of the users that q finds, and
// its arguments but the limit and the offset. The users of the page are found by
// what the order needs of them, and then read: what is sorted or skipped is
// narrow, and an index may have all of it. SQLite leaves the index of a column
// alone that has a plus before it; MySQL overlooks it. So few users are found and
// sorted, and of many the first are found in order.
func (d *dialect) selectFound(of candidates, q user.Query, few bool) (query string, args []driver.Value) {
	isActive, ordered := "+is_active", ""
	if few {
		isActive, ordered = indexedActive(q), "+"
	}
	w := d.filter(of, q, isActive)
	return "SELECT " + userColumns + " FROM t_users JOIN (SELECT id FROM t_users" + w.String() + d.order(q, ordered) +
		" LIMIT ? OFFSET ?) AS page USING (id)" + d.order(q, "+"), w.args
}

// WalkUsers returns users that q finds, by their ids. The plus keeps SQLite
// from sorting what its index of is_active finds.
func (s *Store) WalkUsers(ctx context.Context, q user.Query, after, through int64, limit int) (users []user.User, err error) {
	err = s.scan(ctx, "walk users", func(c sqldb.Conn) error {
		of, err := s.candidates(c, q, maxOrdered)
		if err != nil {
			return err
		}
		w := s.filter(of, q, "+is_active")
		w.add("id > ? AND id <= ?", after, through)
		query := "SELECT " + userColumns + " FROM t_users" + w.String() + " ORDER BY id LIMIT ?"
		users, err = selectUsers(c, query, limit, w.with(int64(limit))...)
		return err
	})
	return users, err
}

// scan is Read for a query that may read every row.
func (s *Store) scan(ctx context.Context, name string, fn func(sqldb.Conn) error) error {
	select {
	case s.scans <- struct{}{}:
		defer func() { <-s.scans }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.db.Read(ctx, name, fn)
}

// selectFew counts up to 5000 of the users that its condition finds. Finding
// as few and sorting them costs less than going through all in order.
const selectFew = "SELECT COUNT(*) < 5000 FROM (SELECT 1 FROM t_users%s LIMIT 5000) AS few"

// isIndexed reports whether an index has the order of q.
func isIndexed(q user.Query) bool {
	switch q.Keys()[0].Field {
	case "id", "username", "email", "is_active", "created_at":
		return true
	}
	return false
}

// indexedActive is the column is_active, as it is found by its index unless the
// dates find fewer.
func indexedActive(q user.Query) string {
	if q.From.IsZero() && q.Before.IsZero() {
		return "is_active"
	}
	return "+is_active"
}

// fewAmong reports whether q leaves few users, and among whom these are. Among
// few it finds all and sorts them.
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

// filter returns the condition of a query, for candidates alone. isActive is the
// column of that name. It is compared with literals, for which SQLite need not
// plan again.
func (d *dialect) filter(of candidates, q user.Query, isActive string) (w where) {
	createdAt := "created_at"
	if of.known {
		// SQLite finds the candidates by the id alone when nothing else has an index.
		isActive, createdAt = "+is_active", "+created_at"
		w.add("id "+d.index.IDs, index.List(of.ids))
	}
	w.addIf(q.IsActive == query.OnlyTrue, isActive+" = 1")
	w.addIf(q.IsActive == query.OnlyFalse, isActive+" = 0")
	w.addSpan(createdAt, q.From, q.Before)
	d.addWordsIn(&w, q.Words(), searched(d.text))
	return w
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

// sortKey returns the expression that a field is ordered by. No other text
// gets into a statement, whatever the query holds.
func (d *dialect) sortKey(field string) string {
	switch c := userFields.Find(field); {
	case c == nil:
		return "id"
	case !c.Nullable:
		return c.Name // as its index has it, where it has one
	case c.MaxLength > 0:
		return d.text(c.Name)
	default:
		// MySQL compares no more than max_sort_length bytes, which is 1024.
		return d.text("SUBSTR(" + c.Name + ", 1, 200)")
	}
}

// globPattern returns the pattern of SQLite's GLOB for texts, their ASCII in
// lower case, that hold the word.
func globPattern(word string) string {
	var b strings.Builder
	b.WriteByte('*')
	for _, r := range word {
		same := sameLetter(r)
		switch {
		case r < utf8.RuneSelf && unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		case len(same) == 1 && !strings.ContainsRune("*?[", r):
			b.WriteRune(r)
		default:
			b.WriteString("[" + string(same) + "]") // a set, where nothing of these is special
		}
	}
	b.WriteByte('*')
	return b.String()
}

// regexpPattern returns the regular expression, as MySQL and Go know it, for
// texts that hold the word.
func regexpPattern(word string) string {
	var b strings.Builder
	for _, r := range word {
		b.WriteByte('[')
		for _, same := range sameLetter(r) {
			b.WriteString(`\x{` + strconv.FormatInt(int64(same), 16) + "}")
		}
		b.WriteByte(']')
	}
	return b.String()
}

// sameLetter returns r and the characters that are the same but for their
// case, by Unicode's simple case folding. Letters of ASCII are the same as such
// letters alone, so not as the Kelvin sign.
func sameLetter(r rune) []rune {
	same := []rune{r}
	for v := unicode.SimpleFold(r); v != r; v = unicode.SimpleFold(v) {
		if (v < utf8.RuneSelf) == (r < utf8.RuneSelf) {
			same = append(same, v)
		}
	}
	return same
}
