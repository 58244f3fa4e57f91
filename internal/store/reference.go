package store

import (
	"database/sql/driver"
	"strings"

	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// reference is a foreign key of one column.
type reference struct {
	table, column string
	parent, key   string // key is "" for the primary key
	rule          string // ON DELETE: CASCADE, SET NULL, SET DEFAULT, RESTRICT or NO ACTION
}

// blocks reports whether a row of the table keeps the referenced row.
func (r reference) blocks() bool { return r.rule == "RESTRICT" || r.rule == "NO ACTION" }

// effect returns what happens to a row of the table when the referenced row is
// deleted.
func (r reference) effect() user.Effect {
	switch {
	case r.blocks():
		return user.Blocks
	case r.rule == "CASCADE":
		return user.Deleted
	}
	return user.Cleared
}

// referencesTo returns the foreign keys to a table.
func (d *dialect) referencesTo(c sqldb.Conn, parent string) ([]reference, error) {
	return all(c, func(row []driver.Value) (r reference, err error) {
		err = sqldb.Scan(row, &r.table, &r.column, &r.parent, &r.key, &r.rule)
		return r, err
	}, d.references, parent)
}

// maxCascade is the number of steps of ON DELETE CASCADE that are followed.
const maxCascade = 8

// checkReferences returns Conflict if rows of another table keep those of a
// table from being deleted. SQLite would only notice at the commit if a key is
// deferred, as Django's are, and roll back the changes of others with it; the
// errors of MySQL name the table.
func (t *tx) checkReferences(table, condition string, args ...driver.Value) error {
	if !t.deferred {
		return nil
	}
	return t.checkKept(table, condition, args, maxCascade)
}

func (t *tx) checkKept(table, condition string, args []driver.Value, steps int) error {
	references, err := t.referencesTo(t, table)
	if err != nil || steps == 0 {
		return err
	}
	for _, r := range references {
		key := r.key
		if key == "" {
			key = "rowid"
		}
		referring := quoted(r.column) + " IN (SELECT " + quoted(key) + " FROM " + quoted(table) + " WHERE " + condition + ")"
		switch {
		case r.blocks():
			err = t.checkNone(r.table, referring, args)
		case r.rule == "CASCADE" && !strings.EqualFold(r.table, table):
			err = t.checkKept(r.table, referring, args, steps-1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkNone returns Conflict if a table has a row.
func (t *tx) checkNone(table, condition string, args []driver.Value) error {
	found, err := exists(t, "SELECT EXISTS (SELECT 1 FROM "+quoted(table)+" WHERE "+condition+")", args...)
	if err == nil && found {
		err = sqldb.Referenced(table, nil)
	}
	return err
}

// quoted quotes a name; SQLite takes backticks like MySQL.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// maxDependents is the number of rows of a table up to which they are counted.
const maxDependents = 1000

// Dependents implements user.Tx.
func (t *tx) Dependents(id int64) (found []user.Dependents, err error) {
	references, err := t.referencesTo(t, "t_users")
	for _, r := range references {
		var n int64
		if err == nil {
			n, err = sqldb.Integer(t, "SELECT COUNT(*) FROM (SELECT 1 FROM "+quoted(r.table)+" WHERE "+quoted(r.column)+" = ? LIMIT ?) AS few",
				id, int64(maxDependents+1))
		}
		if n > 0 {
			found = append(found, user.Dependents{Table: r.table, Rows: min(n, maxDependents), More: n > maxDependents, Effect: r.effect()})
		}
	}
	return found, err
}

// deleteRow deletes a row of a table by its id. It returns Conflict if rows of
// another table refer to it.
func (t *tx) deleteRow(table string, id int64) error {
	if err := t.checkReferences(table, "id = ?", id); err != nil {
		return err
	}
	return exec(t, "DELETE FROM "+table+" WHERE id = ?", id)
}
