package store

import (
	"database/sql/driver"
	"slices"
	"strings"
	"time"

	"roster/internal/store/sqldb"
)

// where is the condition of a statement. The zero value selects every row.
type where struct {
	terms []string // of which a row must fulfill each
	args  []driver.Value
}

// add adds a term.
func (w *where) add(term string, args ...driver.Value) {
	w.terms, w.args = append(w.terms, term), append(w.args, args...)
}

// addIf adds a term when the filter asks for it.
func (w *where) addIf(asked bool, term string, args ...driver.Value) {
	if asked {
		w.add(term, args...)
	}
}

// addText adds that a column equals a text, unless the text is "".
func (w *where) addText(column, text string) { w.addIf(text != "", column+" = ?", text) }

// addFlag adds that a boolean column has a value, unless want is nil.
func (w *where) addFlag(column string, want *bool) {
	if want != nil {
		w.add(column+" = ?", flag(*want))
	}
}

// addSpan adds that a column of times is within from and before, of which the
// zero time is no limit.
func (w *where) addSpan(column string, from, before time.Time) {
	w.addIf(!from.IsZero(), column+" >= ?", sqldb.FormatTime(from))
	w.addIf(!before.IsZero(), column+" < ?", sqldb.FormatTime(before))
}

// String returns the WHERE clause, "" when every row is selected.
func (w where) String() string {
	if len(w.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.terms, " AND ")
}

// with returns the arguments of the clause and those that follow it.
func (w where) with(more ...driver.Value) []driver.Value { return append(slices.Clip(w.args), more...) }

// addWords adds that each word is contained in one of the columns.
func (d *dialect) addWords(w *where, words []string, columns ...string) {
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = d.text(column)
	}
	d.addWordsIn(w, words, strings.Join(texts, " || '\n' || ")) // no word contains a line break
}

// addWordsIn adds that each word is contained in a text.
func (d *dialect) addWordsIn(w *where, words []string, text string) {
	for _, word := range words {
		w.add(d.hasWord(text), d.pattern(word))
	}
}
