package storetest

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/store/mysqltest"
)

// schema is a MySQL database, as the server prints it.
type schema struct {
	defaults string // the character set
	tables   []table
	triggers []string
}

type table struct {
	name, create, nextID string
	rows                 []string // as INSERT statements
}

var nextID = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// readSchema reads the tables and triggers.
func readSchema(tb testing.TB, db *sql.DB) *schema {
	tb.Helper()
	s := &schema{defaults: mysqltest.Rows(tb, db, "SELECT @@character_set_database, @@collation_database")[0]}
	for _, name := range mysqltest.Rows(tb, db, "SHOW TABLES") {
		_, create, _ := strings.Cut(mysqltest.Rows(tb, db, "SHOW CREATE TABLE "+name)[0], "|")
		create = strings.ReplaceAll(create, " CHARACTER SET utf8mb4", "") // the default, which is printed or left out
		s.tables = append(s.tables, table{name: name, create: nextID.ReplaceAllString(create, ""), nextID: nextID.FindString(create)})
	}
	for _, trigger := range mysqltest.Rows(tb, db, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()") {
		parts := strings.Split(mysqltest.Rows(tb, db, "SHOW CREATE TRIGGER "+trigger)[0], "|") // name, mode, statement
		s.triggers = append(s.triggers, parts[2])
	}
	return s
}

// hasRows returns the names of the tables that have rows.
func (s *schema) hasRows(tb testing.TB, db *sql.DB) (names []string) {
	tb.Helper()
	var queries []string
	for _, t := range s.tables {
		queries = append(queries, fmt.Sprintf("(SELECT '%[1]s' FROM %[1]s LIMIT 1)", t.name))
	}
	return mysqltest.Rows(tb, db, strings.Join(queries, " UNION ALL "))
}

// readRows returns the rows of a table as INSERT statements.
func readRows(tb testing.TB, db *sql.DB, table string) (statements []string) {
	tb.Helper()
	var values []string
	for _, column := range mysqltest.Rows(tb, db, "SHOW COLUMNS FROM "+table) {
		name, _, _ := strings.Cut(column, "|")
		values = append(values, "QUOTE(`"+name+"`)")
	}
	for _, row := range mysqltest.Rows(tb, db, fmt.Sprintf("SELECT CONCAT_WS(', ', %s) FROM %s", strings.Join(values, ", "), table)) {
		statements = append(statements, fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, row))
	}
	return statements
}

// definition is equal for databases that differ in rows and next ids alone.
func (s *schema) definition() string {
	all := []string{s.defaults}
	for _, t := range s.tables {
		all = append(all, t.create)
	}
	return strings.Join(append(all, s.triggers...), "\n")
}

// withoutKeys lets statements refer to tables and rows that come later.
const withoutKeys = "SET foreign_key_checks = 0"

// create returns the statements that fill an empty database.
func (s *schema) create() string {
	all := []string{withoutKeys}
	for _, t := range s.tables {
		all = append(all, t.create)
		all = append(all, t.rows...)
	}
	return strings.Join(append(all, s.triggers...), ";\n")
}

// reset gives a database of the same definition the rows and next ids of s.
func (s *schema) reset(tb testing.TB, db *sql.DB, has *schema) {
	tb.Helper()
	all, used := []string{withoutKeys}, s.hasRows(tb, db)
	for i, t := range s.tables {
		kept := has.tables[i].nextID == t.nextID && slices.Contains(used, t.name) == (t.rows != nil)
		if kept && t.rows != nil {
			kept = slices.Equal(readRows(tb, db, t.name), t.rows)
		}
		if !kept {
			all = append(all, "TRUNCATE "+t.name)
			all = append(all, t.rows...)
		}
	}
	mysqltest.Exec(tb, db, strings.Join(all, ";\n"))
}
