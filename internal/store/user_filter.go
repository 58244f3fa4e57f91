package store

import (
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/query/filter"
	"roster/internal/store/sqldb"
)

// addFilter requires an expression to be true; nil requires nothing.
func (d *dialect) addFilter(w *where, e filter.Expression) {
	if all, ok := e.(filter.And); ok {
		for _, part := range all {
			d.addFilter(w, part)
		}
		return
	}
	if e != nil {
		c := d.condition(e)
		w.add(c.sql, c.args...)
	}
}

// condition is a condition of SQL and its arguments. It is never NULL if it is
// certain; otherwise NULL stands for false.
type condition struct {
	sql     string
	args    []driver.Value
	certain bool
}

func (d *dialect) condition(e filter.Expression) condition {
	switch e := e.(type) {
	case filter.And:
		return d.joined(e, " AND ")
	case filter.Or:
		if len(e) == 0 {
			return condition{sql: "0 = 1", certain: true}
		}
		return d.joined(e, " OR ")
	case filter.Not:
		return d.condition(e.Of).inverted()
	case filter.Comparison:
		return d.comparison(e)
	}
	panic("store: an expression of an unknown type")
}

func (d *dialect) joined(parts []filter.Expression, operator string) condition {
	all := condition{certain: true}
	texts := make([]string, len(parts))
	for i, part := range parts {
		c := d.condition(part)
		texts[i], all.args, all.certain = c.sql, append(all.args, c.args...), all.certain && c.certain
	}
	all.sql = "(" + strings.Join(texts, operator) + ")"
	return all
}

// inverted returns a condition that is true where c is not.
func (c condition) inverted() condition {
	if c.certain {
		c.sql = "NOT (" + c.sql + ")"
	} else {
		c.sql = "NOT COALESCE((" + c.sql + "), 0)"
	}
	c.certain = true
	return c
}

// orders are the operators of SQL that compare values in order.
var orders = map[filter.Operator]string{
	filter.Equal: " = ?", filter.Greater: " > ?", filter.GreaterOrEqual: " >= ?", filter.Less: " < ?", filter.LessOrEqual: " <= ?",
}

func (d *dialect) comparison(c filter.Comparison) condition {
	column := c.Field.Name
	if c.Field.Type == form.TypeBoolean {
		column = "+" + column // SQLite would sort what its index finds
	}
	switch {
	case c.Op == filter.Present && isText(c.Field):
		return condition{sql: column + " <> ''"}
	case c.Op == filter.Present, c.Op == filter.NotEqual && c.Value == nil:
		return condition{sql: column + " IS NOT NULL", certain: true}
	case c.Value == nil:
		return condition{sql: column + " IS NULL", certain: true}
	case c.Op == filter.NotEqual:
		c.Op = filter.Equal
		return d.comparison(c).inverted()
	case isText(c.Field):
		return d.textComparison(c)
	}
	return condition{sql: column + orders[c.Op], args: []driver.Value{storedValue(c.Value)}}
}

func isText(f *form.Field) bool { return f.Type == form.TypeString || f.Type == form.TypeEmail }

// storedValue returns a value other than a text as the database has it.
func storedValue(value any) driver.Value {
	switch value := value.(type) {
	case bool:
		return flag(value)
	case time.Time:
		return sqldb.FormatTime(value)
	}
	return value
}

// textComparison compares a text by code points.
func (d *dialect) textComparison(c filter.Comparison) condition {
	column, value := d.text(c.Field.Name), c.Value.(string)
	one := func(sql string, args ...driver.Value) condition { return condition{sql: sql, args: args} }
	switch c.Op {
	case filter.Contains, filter.StartsWith, filter.EndsWith, filter.ContainsFold, filter.StartsWithFold, filter.EndsWithFold:
		if value == "" {
			return condition{sql: c.Field.Name + " IS NOT NULL", certain: true}
		}
	}
	switch c.Op {
	case filter.Equal:
		return d.equals(c.Field.Name, value)
	case filter.StartsWith:
		return d.startsWith(c.Field.Name, value)
	case filter.EndsWith:
		return one("SUBSTR("+column+", -"+strconv.Itoa(form.Length(value))+") = ?", value)
	case filter.Contains:
		return one("INSTR("+column+", ?) > 0", value)
	case filter.EqualFold:
		return one(d.hasWord(column), d.pattern(value, anchors{start: true, end: true}))
	case filter.StartsWithFold:
		return one(d.hasWord(column), d.pattern(value, anchors{start: true}))
	case filter.EndsWithFold:
		return one(d.hasWord(column), d.pattern(value, anchors{end: true}))
	case filter.ContainsFold:
		return one(d.hasWord(column), d.pattern(value, anchors{}))
	}
	return one(column+orders[c.Op], value)
}

// SQLite compares texts by code points, and uses an index for both.

func equalsPlain(column, text string) condition {
	return condition{sql: column + " = ?", args: []driver.Value{text}}
}

func startsWithPlain(column, text string) condition {
	return condition{sql: column + " GLOB ?", args: []driver.Value{globSpecial.Replace(text) + "*"}}
}

var globSpecial = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// MySQL can use an index of the column by its collation, which finds these texts and
// perhaps others.

func equalsConverted(column, text string) condition {
	return condition{sql: "(" + column + " = ? AND " + convertedText(column) + " = ?)", args: []driver.Value{text, text}}
}

func startsWithConverted(column, text string) condition {
	return condition{
		sql:  "(" + column + " LIKE ? ESCAPE '!' AND SUBSTR(" + convertedText(column) + ", 1, " + strconv.Itoa(form.Length(text)) + ") = ?)",
		args: []driver.Value{likeSpecial.Replace(text) + "%", text},
	}
}

var likeSpecial = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// filterWords returns words that every user contains who matches an expression.
func filterWords(e filter.Expression) (words []string) {
	searched := func(name string) bool { return userFields.Find(name).Searched }
	for _, text := range filter.Texts(e, searched) {
		words = append(words, query.Words(text)...)
	}
	return words
}
