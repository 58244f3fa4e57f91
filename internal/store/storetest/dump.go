package storetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Dump returns every row of every table of a SQLite file, each with the name of
// its table, sorted.
func Dump(tb testing.TB, path string) (rows []string) {
	tb.Helper()
	drivers := slices.DeleteFunc(sql.Drivers(), func(name string) bool { return !strings.HasPrefix(name, "sqlite") })
	db, err := sql.Open(drivers[0], path)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	for _, table := range dumpColumn(tb, db, "SELECT name FROM sqlite_master WHERE type = 'table'") {
		columns := dumpColumn(tb, db, fmt.Sprintf("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('%s')", table))
		for _, row := range dumpColumn(tb, db, fmt.Sprintf("SELECT %s FROM %s", strings.Join(columns, " || '|' || "), table)) {
			rows = append(rows, table+": "+row)
		}
	}
	slices.Sort(rows)
	return rows
}

func dumpColumn(tb testing.TB, db *sql.DB, query string) (values []string) {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), query)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			tb.Fatal(err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return values
}

// counts returns the number of rows of each table in a dump.
func counts(dump []string) map[string]int {
	n := make(map[string]int)
	for _, row := range dump {
		table, _, _ := strings.Cut(row, ": ")
		n[table]++
	}
	return n
}

// difference returns the rows that only one of two dumps has.
func difference(before, after []string) (rows []string) {
	for _, row := range before {
		if !slices.Contains(after, row) {
			rows = append(rows, "- "+row)
		}
	}
	for _, row := range after {
		if !slices.Contains(before, row) {
			rows = append(rows, "+ "+row)
		}
	}
	return rows
}
