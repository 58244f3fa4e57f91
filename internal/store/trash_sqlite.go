package store

import (
	"encoding/json"
	"strings"
)

// The object of pairs of SQLite, which are joined by operators because a function
// takes at most 127 arguments.
const (
	sqliteObject = "'{' || %s || '}'"
	sqliteJoined = " || ',' || "
)

// sqlText returns a text as a literal of SQL, without escapes in it.
func sqlText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// sqlitePair is the name of a column in JSON and its value. Values of SQLite have a
// type of their own, whatever the column's.
func sqlitePair(c column) string {
	name, err := json.Marshal(c.name)
	if err != nil { // never: it is a string
		return "''"
	}
	value := "t_users." + quoted(c.name)
	return "(" + sqlText(string(name)+":") + " || CASE typeof(" + value + ") WHEN 'blob' THEN '{\"hex\":\"' || hex(" + value + ") || '\"}' ELSE json_quote(" + value + ") END)"
}
