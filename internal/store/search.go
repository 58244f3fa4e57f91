package store

import (
	"database/sql/driver"
	"strings"
	"unicode"

	"roster/internal/store/engine"
	"roster/internal/user"
)

// searched is what words are looked for in: the columns' texts, each on a line
// of its own, as no word goes over the end of a line.
const searched = "username || '\n' || email || '\n' || COALESCE(first_name, '') || '\n' ||" +
	" COALESCE(last_name, '') || '\n' || COALESCE(phone, '')"

// addressKey is how many characters of an address count in an order. MySQL
// compares no more than max_sort_length bytes, of which a character has four.
const addressKey = "SUBSTR(address, 1, 200)"

// findUsers reads a page of what q finds.
func (s *Store) findUsers(c engine.Conn, q user.Query, offset int64, limit int) ([]user.User, error) {
	where, args := s.filter(q)
	query := "SELECT " + userColumns + " FROM t_users" + where + s.order(q) + " LIMIT ? OFFSET ?"
	return selectUsers(c, query, limit, append(args, int64(limit), offset)...)
}

// filter returns the WHERE clause of a query, "" for none, and its arguments.
func (d *dialect) filter(q user.Query) (where string, args []driver.Value) {
	var conditions []string
	switch q.IsActive {
	case user.OnlyTrue:
		conditions = append(conditions, "is_active = 1")
	case user.OnlyFalse:
		conditions = append(conditions, "is_active = 0")
	case user.Either:
	}
	for _, word := range q.Words() {
		conditions = append(conditions, d.hasWord)
		args = append(args, d.pattern(word))
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// order returns the ORDER BY clause of a query. The names in it are those of
// the table's columns alone, whatever the query holds.
func (d *dialect) order(q user.Query) string {
	var b strings.Builder
	for _, key := range q.Keys() {
		expression, ok := d.sortKey(key.Field)
		if !ok {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(expression)
		if key.Descending {
			b.WriteString(" DESC")
		}
	}
	return " ORDER BY " + b.String()
}

// sortKey returns the expression that a field is ordered by.
func (d *dialect) sortKey(field string) (expression string, ok bool) {
	switch field {
	case "id", "is_active", "created_at", "updated_at":
		return field, true
	case "username", "email", "first_name", "last_name", "phone":
		return field + d.byCodePoint, true
	case "address":
		return addressKey + d.byCodePoint, true
	}
	return "", false
}

// globPattern returns the pattern of SQLite's GLOB for texts that hold the
// word: for each letter the set of those with the same lower case.
func globPattern(word string) string {
	var b strings.Builder
	b.WriteByte('*')
	for _, r := range word {
		variants := sameLower(r)
		if len(variants) == 1 && !strings.ContainsRune("*?[", r) {
			b.WriteRune(r)
			continue
		}
		b.WriteByte('[')
		b.WriteString(string(variants))
		b.WriteByte(']')
	}
	b.WriteByte('*')
	return b.String()
}

// sameLower returns the characters with the same simple lower case as r.
func sameLower(r rune) []rune {
	lower := unicode.ToLower(r)
	variants := []rune{lower}
	for v := unicode.SimpleFold(lower); v != lower; v = unicode.SimpleFold(v) {
		if unicode.ToLower(v) == lower {
			variants = append(variants, v)
		}
	}
	if lower == 'i' {
		variants = append(variants, 'İ') // which Unicode folds otherwise
	}
	return variants
}

// likePattern returns the pattern of LIKE, with ! as the escape character, for
// lower-case texts that hold the word.
func likePattern(word string) string {
	var b strings.Builder
	b.WriteByte('%')
	for _, r := range word {
		if strings.ContainsRune("!%_", r) {
			b.WriteByte('!')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	b.WriteByte('%')
	return b.String()
}
