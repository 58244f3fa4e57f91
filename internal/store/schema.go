package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/internal/store/examine"
	"roster/internal/store/sqldb"
	"roster/internal/takeover"
)

// checkSchema refuses a database that this version does not support. A database
// without tables is valid.
func (s *Store) checkSchema(ctx context.Context) error {
	var refused error
	err := s.db.Read(ctx, "check the schema", func(c sqldb.Conn) error {
		err := s.checkTables(c)
		if why, ok := errors.AsType[refusal](err); ok {
			refused = why // not a database error
			return nil
		}
		return err
	})
	if err = sqldb.FirstError(err, refused); err != nil {
		return s.db.Refusal(err)
	}
	return nil
}

// checkTables refuses tables that this version cannot use.
func (s *Store) checkTables(c sqldb.Conn) error {
	if err := sqldb.FirstError(s.checkColumns(c), s.checkNewer(c)); err != nil {
		return err
	}
	tables, err := examine.Tables(c, s.engine)
	if err != nil {
		return err
	}
	if found := takeover.Refusals(tables); len(found) > 0 {
		return refusal(takeover.Summary(found))
	}
	return nil
}

// refusal is why this version does not support a database.
type refusal string

func (r refusal) Error() string { return string(r) }

// checkColumns refuses a table of users that lacks a column, or has an unknown
// column that every insert must set.
func (s *Store) checkColumns(c sqldb.Conn) error {
	missing, needed := userFields.Names(), []string(nil)
	empty := true
	err := c.Query(s.tableColumns, func(row []driver.Value) error {
		empty = false
		var name string
		var mustSet bool
		if err := sqldb.Scan(row, &name, &mustSet); err != nil {
			return err
		}
		if i := slices.Index(missing, name); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else if mustSet {
			needed = append(needed, name)
		}
		return nil
	}, "t_users")
	switch {
	case err != nil || empty:
		return err
	case len(needed) > 0:
		return refusal("the table t_users has columns that Roster does not know and that have no default: " + strings.Join(needed, ", ") +
			"; give each a default or allow NULL, or move it to another table")
	}
	return s.checkMissing(c, missing)
}

// checkMissing refuses a table of users that lacks those columns, except those
// that pending migrations add.
func (s *Store) checkMissing(c sqldb.Conn, columns []string) error {
	applied, err := s.appliedMigrations(c)
	if err != nil {
		return err
	}
	known, err := s.known()
	if err != nil {
		return err
	}
	added, err := s.addedToUsers(without(known, applied))
	if err != nil {
		return err
	}
	columns = slices.DeleteFunc(columns, func(name string) bool { return slices.Contains(added, name) })
	if len(columns) > 0 {
		return refusal("the table t_users lacks " + strings.Join(columns, ", "))
	}
	return nil
}

// checkNewer refuses a database with a migration of a newer generation, which
// may have removed what this version needs.
func (s *Store) checkNewer(c sqldb.Conn) error {
	applied, err := s.appliedMigrations(c)
	if err != nil {
		return err
	}
	known, err := s.known()
	if err != nil {
		return err
	}
	newest := known[len(known)-1].version
	if found := slices.Max(append(slices.Collect(maps.Keys(applied)), newest)); found/perGeneration > newest/perGeneration {
		return refusal(fmt.Sprintf("a newer version of Roster has migrated it (to %d; this one knows %d)", found, newest))
	}
	return nil
}
