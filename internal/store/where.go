package store

import (
	"database/sql/driver"
	"slices"
	"strings"
	"time"

	"roster/internal/query"
	"roster/internal/store/sqldb"
)

// where is the condition of a statement. The zero value selects every row.
type where struct {
	terms []string // joined by AND
	args  []driver.Value
}

// add adds a term.
func (w *where) add(term string, args ...driver.Value) {
	w.terms, w.args = append(w.terms, term), append(w.args, args...)
}

// addIf adds a term if asked.
func (w *where) addIf(asked bool, term string, args ...driver.Value) {
	if asked {
		w.add(term, args...)
	}
}

// addText requires a column to equal a text, unless the text is "".
func (w *where) addText(column, text string) { w.addIf(text != "", column+" = ?", text) }

// addFlag requires a boolean column to have the chosen value. It is compared with
// literals, for which SQLite need not replan.
func (w *where) addFlag(column string, want query.Choice) {
	w.addIf(want == query.OnlyTrue, column+" = 1")
	w.addIf(want == query.OnlyFalse, column+" = 0")
}

// addSpan requires a time column to be at or after from and before before; the
// zero time means no limit.
func (w *where) addSpan(column string, from, before time.Time) {
	w.addIf(!from.IsZero(), column+" >= ?", sqldb.FormatTime(from))
	w.addIf(!before.IsZero(), column+" < ?", sqldb.FormatTime(before))
}

// String returns the WHERE clause, "" if there are no terms.
func (w where) String() string {
	if len(w.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.terms, " AND ")
}

// with returns the arguments of the clause followed by more.
func (w where) with(more ...driver.Value) []driver.Value { return append(slices.Clip(w.args), more...) }

// addWords requires each word to occur in one of the columns.
func (d *dialect) addWords(w *where, words []string, columns ...string) {
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = d.text(column)
	}
	d.addWordsIn(w, words, d.lines(texts))
}

// addWordsIn requires each word to occur in a text.
func (d *dialect) addWordsIn(w *where, words []string, text string) {
	for _, word := range words {
		w.add(d.hasWord(text), d.pattern(word, anchors{}))
	}
}
