package mysql

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/phrase"
	"roster/internal/store/sqldb"
)

// Prefixes of tables that a restore fills, and of those that it replaces.
const (
	newPrefix = "roster_restore_new_"
	oldPrefix = "roster_restore_old_"
)

const (
	loadMode = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'," +
		" foreign_key_checks = 0, unique_checks = 0"
	selectForeign = "SELECT CONCAT(table_name, ' to ', referenced_table_name) FROM information_schema.referential_constraints" +
		" WHERE constraint_schema = DATABASE() AND table_name NOT IN (%s) AND referenced_table_name IN (%s)"
	selectSeen = "SELECT COUNT(*) FROM roster_workers WHERE seen_at > UTC_TIMESTAMP(6) - INTERVAL 15 SECOND"
)

// The limits of an INSERT statement: bytes of values, rows, and parameters.
const (
	insertBytes = 256 << 10
	insertRows  = 500
	insertMarks = 60000
)

// ErrInUse is returned if others are connected to the database.
var ErrInUse = errors.New("stop all servers, workers, beats and other programs on it first")

// isScratch reports whether a table belongs to a restore.
func isScratch(name string) bool {
	return strings.HasPrefix(name, newPrefix) || strings.HasPrefix(name, oldPrefix)
}

// Restore replaces the database by the dump in content: its tables replace
// those of the same name, other tables stay. It fails if the database contains
// rows, unless overwrite is set, or if others are connected. The old tables are
// untouched until everything is loaded; then one statement replaces them. It
// can be repeated after a failure or a kill.
func Restore(ctx context.Context, o Options, overwrite bool, content io.Reader) error {
	o.Replicas = nil
	e, err := Open(ctx, o)
	if err != nil {
		return err
	}
	dump := &dumpReader{bufio.NewReaderSize(content, 64<<10)}
	// The connections of Open are closed, because other connections are
	// checked.
	if err := e.Close(); err != nil {
		return err
	}
	return e.alone(func(c *conn) error {
		c.ctx = ctx
		return (&loader{conn: c, name: "DB_NAME: " + o.Database}).run(dump, overwrite)
	})
}

// loader restores a database.
type loader struct {
	*conn

	name   string // name of the database, for errors
	tables []dumpTable
}

func (l *loader) run(dump *dumpReader, overwrite bool) error {
	if err := sqldb.FirstError(l.lock(), l.refuseUsed()); err != nil {
		return err
	}
	there, err := sqldb.Texts(l, selectBaseTables)
	if err != nil {
		return err
	}
	if err := l.refuseRows(there, overwrite); err != nil {
		return err
	}
	if _, err := l.Exec(loadMode); err != nil {
		return err
	}
	if err := l.sweep(); err != nil {
		return err
	}
	if err := l.load(dump); err != nil {
		l.ctx = context.WithoutCancel(l.ctx)
		return sqldb.FirstError(err, l.sweep())
	}
	return l.swap()
}

// lock takes the migration lock, which ends with the connection.
func (l *loader) lock() error {
	got, err := sqldb.Integer(l, getLock)
	if err == nil && got != 1 {
		err = errLocked
	}
	return err
}

// refuseUsed returns an error if others are connected to the database, or its
// workers were seen recently. It waits for closing connections.
func (l *loader) refuseUsed() error {
	var others int
	for limit := time.Now().Add(3 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		own, err := sqldb.Integer(l, "SELECT CAST(CONNECTION_ID() AS SIGNED)")
		if err != nil {
			return err
		}
		database, err := sqldb.Texts(l, "SELECT DATABASE()")
		if err != nil {
			return err
		}
		others = 0
		err = l.Query("SHOW PROCESSLIST", func(row []driver.Value) error {
			if sqldb.TextOf(row[3]).String == database[0] && sqldb.TextOf(row[0]).String != strconv.FormatInt(own, 10) {
				others++
			}
			return nil
		})
		if err != nil {
			return err
		}
		if others == 0 {
			return l.refuseWorkers()
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%s has %s; %w", l.name, phrase.Count(others, "other connection"), ErrInUse)
		}
	}
}

// refuseWorkers returns an error if the database's workers were seen recently;
// they may be connected as another user.
func (l *loader) refuseWorkers() error {
	there, err := sqldb.Texts(l, selectBaseTables)
	if err != nil || !slices.Contains(there, "roster_workers") {
		return err
	}
	seen, err := sqldb.Integer(l, selectSeen)
	if err == nil && seen > 0 {
		err = fmt.Errorf("%s has %s that %s seen in the last 15 seconds; %w",
			l.name, phrase.Count(seen, "worker"), phrase.Verb(seen, "was", "were"), ErrInUse)
	}
	return err
}

func (l *loader) refuseRows(there []string, overwrite bool) error {
	if overwrite {
		return nil
	}
	rows := make(map[string]int64)
	for _, table := range there {
		if isScratch(table) {
			continue // of an interrupted restore
		}
		n, err := sqldb.Integer(l, "SELECT COUNT(*) FROM (SELECT 1 FROM "+quoted(table)+" LIMIT 1000) AS some")
		if err != nil {
			return err
		}
		rows[table] = n
	}
	return sqldb.RefuseRows(l.name, rows)
}

// sweep drops the tables of interrupted restores.
func (l *loader) sweep() error {
	there, err := sqldb.Texts(l, selectBaseTables)
	if err != nil {
		return err
	}
	there = slices.DeleteFunc(there, func(table string) bool { return !isScratch(table) })
	if len(there) == 0 {
		return nil
	}
	_, err = l.Exec("DROP TABLE " + strings.Join(there, ", "))
	return err
}

// load creates tables with temporary names, and fills them.
func (l *loader) load(dump *dumpReader) error {
	for {
		table, err := dump.table()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		create := strings.Replace(table.Create, tableMark, quoted(l.scratch(newPrefix)), 1)
		if _, err := l.Exec(create); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
		if err := l.fill(dump, table); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
		l.tables = append(l.tables, table)
	}
}

// scratch returns a name for the next table: a number, because table names may
// have the maximum length.
func (l *loader) scratch(prefix string) string { return fmt.Sprintf("%s%d", prefix, len(l.tables)) }

// fill inserts the rows of a table.
func (l *loader) fill(dump *dumpReader, table dumpTable) error {
	if len(table.Columns) == 0 {
		return errors.New("it has no columns")
	}
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = quoted(column.Name)
	}
	insert := "INSERT INTO " + quoted(l.scratch(newPrefix)) + " (" + strings.Join(names, ", ") + ") VALUES "
	marks := "(?" + strings.Repeat(", ?", len(names)-1) + ")"
	most := min(insertRows, max(1, insertMarks/len(names)))
	for more := true; more; {
		var values []driver.Value
		var err error
		if values, more, err = dump.batch(table.Columns, most); err != nil {
			return err
		}
		rows := len(values) / len(names)
		if rows == 0 {
			continue
		}
		if _, err := l.Exec(insert+marks+strings.Repeat(", "+marks, rows-1), values...); err != nil {
			return err
		}
	}
	return nil
}

// batch reads up to most rows, and not much more than the byte limit of a
// statement; more is false at the end.
func (r *dumpReader) batch(columns []dumpColumn, most int) (values []driver.Value, more bool, err error) {
	more = true
	for size, rows := 0, 0; more && rows < most && size < insertBytes; rows++ {
		row := make([]driver.Value, len(columns))
		var n int
		if n, more, err = r.row(columns, row); err != nil {
			return nil, false, err
		}
		if more {
			values, size = append(values, row...), size+n
		}
	}
	return values, more, nil
}

// swap replaces the old tables by the new ones in one statement, drops the old
// ones, and adds the constraints.
func (l *loader) swap() error {
	there, err := sqldb.Texts(l, selectBaseTables)
	if err != nil {
		return err
	}
	if err := l.refuseForeign(); err != nil {
		return sqldb.FirstError(err, l.sweep())
	}
	var renames []string
	for i, table := range l.tables {
		if slices.Contains(there, table.Name) {
			renames = append(renames, fmt.Sprintf("%s TO %s%d", quoted(table.Name), oldPrefix, i))
		}
		renames = append(renames, fmt.Sprintf("%s%d TO %s", newPrefix, i, quoted(table.Name)))
	}
	l.ctx = context.WithoutCancel(l.ctx) // the rest is fast, and should complete
	if _, err := l.Exec("RENAME TABLE " + strings.Join(renames, ", ")); err != nil {
		return err
	}
	return sqldb.FirstError(l.sweep(), l.constrain())
}

// refuseForeign returns an error if tables that are not in the dump reference
// some that it replaces.
func (l *loader) refuseForeign() error {
	if len(l.tables) == 0 {
		return errors.New("the backup has no tables")
	}
	marks := "?" + strings.Repeat(", ?", len(l.tables)-1)
	var names []driver.Value
	for _, table := range l.tables {
		names = append(names, table.Name)
	}
	found, err := sqldb.Texts(l, fmt.Sprintf(selectForeign, marks, marks), append(names, names...)...)
	found = slices.DeleteFunc(found, func(s string) bool { return isScratch(s) })
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%s: tables that are not in the backup reference restored tables (%s); drop those foreign keys first",
			l.name, strings.Join(found, ", "))
	}
	return err
}

// constrain adds the constraints.
func (l *loader) constrain() error {
	for _, table := range l.tables {
		if len(table.Constraints) == 0 {
			continue
		}
		if _, err := l.Exec("ALTER TABLE " + quoted(table.Name) + " ADD " + strings.Join(table.Constraints, ", ADD ")); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
	}
	return nil
}
