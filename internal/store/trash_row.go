package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roster/internal/store/sqldb"
)

// column is a column of t_users that an INSERT may set, of Roster or added by others.
type column struct{ name, kind string }

// rowColumns returns the columns of t_users now: others may add some at any time.
func (d *dialect) rowColumns(c sqldb.Conn) ([]column, error) {
	return all(c, func(row []driver.Value) (found column, err error) {
		err = sqldb.Scan(row, &found.name, &found.kind)
		return found, err
	}, d.storedColumns)
}

// rowAsJSON returns an expression for a row of t_users as a JSON object with every
// value as it is stored: bytes are an object with their hexadecimal digits.
func (d *dialect) rowAsJSON(columns []column) string {
	pairs := make([]string, len(columns))
	for i, c := range columns {
		pairs[i] = d.pairAsJSON(c)
	}
	return fmt.Sprintf(d.objectOf, strings.Join(pairs, d.pairsJoined))
}

// binaryKinds are the types of MySQL with bytes rather than text.
var binaryKinds = []string{"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry", "point", "linestring", "polygon"}

// mysqlPair is the name of a column and its value for JSON_OBJECT.
func mysqlPair(c column) string {
	value := "t_users." + quoted(c.name)
	if slices.Contains(binaryKinds, c.kind) {
		value = "IF(" + value + " IS NULL, NULL, JSON_OBJECT('hex', HEX(" + value + ")))"
	}
	return "CONVERT(X'" + hex.EncodeToString([]byte(c.name)) + "' USING utf8mb4), " + value
}

// insertRow inserts a row of t_users from its JSON. Columns that were removed since
// are left out, and those that were added get their default.
func (t *tx) insertRow(row map[string]json.RawMessage) error {
	columns, err := t.rowColumns(t)
	if err != nil {
		return err
	}
	var names, marks []string
	var args []driver.Value
	for _, c := range columns {
		text, kept := row[c.name]
		if !kept {
			continue
		}
		mark, value, err := valueOf(c, text)
		if err != nil {
			return sqldb.Unreadable("roster_trash.fields", err)
		}
		names, marks, args = append(names, quoted(c.name)), append(marks, mark), append(args, value)
	}
	return exec(t, "INSERT INTO t_users ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
}

// valueOf returns the expression and the argument that store a value of JSON again.
func valueOf(c column, text json.RawMessage) (mark string, value driver.Value, err error) {
	text = bytes.TrimSpace(text)
	switch {
	case string(text) == "null":
		return "?", nil, nil
	case c.kind == "json": // its own text, whatever it is
		return "?", string(text), nil
	case text[0] == '"':
		var s string
		err = json.Unmarshal(text, &s)
		return "?", s, err
	case text[0] == '{':
		var bytes struct {
			Hex string `json:"hex"`
		}
		err = json.Unmarshal(text, &bytes)
		return "UNHEX(?)", bytes.Hex, err
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return "?", n, nil
	}
	return realMark(c), string(text), nil // a number with a fraction, or more digits
}

// realMark is the expression for a number that is no integer. The column decides about
// its type on MySQL; on SQLite, where kinds are empty, the value does.
func realMark(c column) string {
	if c.kind == "" {
		return "CAST(? AS REAL)"
	}
	return "?"
}
