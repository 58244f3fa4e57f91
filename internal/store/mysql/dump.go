package mysql

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"roster/internal/store/sqldb"
)

const (
	dumpIsolation = "SET SESSION transaction_isolation = 'REPEATABLE-READ', net_write_timeout = 3600, transaction_read_only = 1"
	dumpBegin     = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"

	selectBaseTables = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'" +
		" ORDER BY table_name"
	selectDumpColumns = "SELECT column_name, data_type, generation_expression <> '' FROM information_schema.columns" +
		" WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position"
	selectPrimaryKey = "SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ?" +
		" AND index_name = 'PRIMARY' ORDER BY seq_in_index"
)

// tableMark is the placeholder for the table's name in its CREATE statement.
const tableMark = "\x00table\x00"

// Snapshot writes all tables of the database to out, with the rows committed at
// its start, in primary key order, and returns the number of rows of each. It
// does not block writers. Views, triggers and routines are omitted; tables must
// not be altered until it ends.
func (e *Engine) Snapshot(ctx context.Context, out io.Writer) (rows map[string]int64, err error) {
	leave, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	err = e.alone(func(c *conn) error {
		c.ctx = ctx
		rows, err = dumpAll(c, out)
		return err
	})
	return rows, faultOf(err)
}

// alone passes fn a connection without timeouts, and closes it.
func (e *Engine) alone(fn func(*conn) error) (err error) {
	connector, err := e.options.connector(0)
	if err != nil {
		return err
	}
	one := server{e.options, sql.OpenDB(connector)}
	defer func() { err = sqldb.FirstError(err, one.db.Close()) }()
	return one.lend(context.Background(), fn)
}

func dumpAll(c *conn, out io.Writer) (map[string]int64, error) {
	for _, statement := range []string{dumpIsolation, dumpBegin} {
		if _, err := c.Exec(statement); err != nil {
			return nil, err
		}
	}
	tables, err := sqldb.Texts(c, selectBaseTables)
	if err != nil {
		return nil, err
	}
	w := &dumpWriter{out: bufio.NewWriterSize(out, 64<<10)}
	rows := make(map[string]int64, len(tables))
	for _, name := range tables {
		if isScratch(name) {
			continue
		}
		if rows[name], err = dumpOne(c, w, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	_, err = c.Exec("COMMIT")
	return rows, sqldb.FirstError(err, w.out.Flush())
}

// dumpOne writes a table and its rows.
func dumpOne(c *conn, w *dumpWriter, name string) (n int64, err error) {
	table, query, err := describe(c, name)
	if err != nil {
		return 0, err
	}
	if err := w.table(table); err != nil {
		return 0, err
	}
	err = c.queryRaw(query, func(row []driver.Value) error {
		n++
		return w.row(row)
	})
	return n, sqldb.FirstError(err, w.end())
}

// describe returns a table, and the query for its rows.
func describe(c *conn, name string) (t dumpTable, query string, err error) {
	t.Name = name
	var create string
	err = c.Query("SHOW CREATE TABLE "+quoted(name), func(row []driver.Value) error {
		create = sqldb.TextOf(row[1]).String
		return nil
	})
	if err != nil {
		return t, "", err
	}
	if t.Create, t.Constraints, err = splitCreate(name, create); err != nil {
		return t, "", err
	}
	var selected []string
	err = c.Query(selectDumpColumns, func(row []driver.Value) error {
		var name, kind string
		var generated bool
		if err := sqldb.Scan(row, &name, &kind, &generated); err != nil || generated { // from the others
			return err
		}
		column, expression := columnOf(name, kind)
		t.Columns, selected = append(t.Columns, column), append(selected, expression)
		return nil
	}, name)
	if err != nil {
		return t, "", err
	}
	key, err := sqldb.Texts(c, selectPrimaryKey, name)
	query = "SELECT " + strings.Join(selected, ", ") + " FROM " + quoted(name)
	if len(key) > 0 {
		for i := range key {
			key[i] = quoted(key[i])
		}
		query += " ORDER BY " + strings.Join(key, ", ")
	}
	return t, query, err
}

// columnOf returns a column by its type, and an expression for its exact
// values.
func columnOf(name, dataType string) (column dumpColumn, expression string) {
	column, expression = dumpColumn{Name: name, Text: true}, quoted(name)
	switch strings.ToLower(dataType) {
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geomcollection":
		column.Text = false
	case "float": // the server prints six digits; the text of a double is exact
		expression = "CONCAT(CAST(" + quoted(name) + " AS DOUBLE), '')"
	case "double":
		expression = "CONCAT(" + quoted(name) + ", '')"
	}
	return column, expression
}

// splitCreate removes the constraints from a CREATE TABLE statement: foreign
// keys reference tables that may come later, and names of constraints are
// unique per database. It expects the format of SHOW CREATE TABLE, with a line
// for each.
func splitCreate(name, create string) (without string, constraints []string, err error) {
	rest, ok := strings.CutPrefix(create, "CREATE TABLE "+quoted(name)+" (\n")
	if !ok {
		return "", nil, errors.New("the server describes the table in an unknown format")
	}
	var kept []string
	body, options, ok := strings.Cut(rest, "\n)")
	if !ok {
		return "", nil, errors.New("the server describes the table in an unknown format")
	}
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSuffix(line, ",")
		if definition, ok := strings.CutPrefix(line, "  CONSTRAINT "); ok {
			constraints = append(constraints, "CONSTRAINT "+definition)
			continue
		}
		kept = append(kept, line)
	}
	return "CREATE TABLE " + tableMark + " (\n" + strings.Join(kept, ",\n") + "\n)" + options, constraints, nil
}

// quoted quotes an identifier.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
