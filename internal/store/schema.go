package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// userTable are the columns that t_users must have, and no others: a column
// that Roster does not know it could not fill.
var userTable = []string{
	"id", "username", "email", "first_name", "last_name", "phone", "address", "is_active", "created_at", "updated_at",
}

// checkSchema refuses a database that this version cannot work with. One
// that has no tables yet passes.
func (s *Store) checkSchema(ctx context.Context) error {
	c, err := s.borrow(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	if err := firstError(checkColumns(c), checkNewer(c)); err != nil {
		return openFault(s.path, err)
	}
	return nil
}

func checkColumns(c *conn) error {
	columns, err := c.texts("SELECT name FROM pragma_table_info('t_users')")
	if err != nil || len(columns) == 0 {
		return err
	}
	missing, foreign := difference(userTable, columns), difference(columns, userTable)
	switch {
	case len(missing) > 0:
		return errors.New("the table t_users lacks " + strings.Join(missing, ", "))
	case len(foreign) > 0:
		return errors.New("the table t_users has columns that Roster does not know: " + strings.Join(foreign, ", "))
	}
	return nil
}

// difference returns what is in a and not in b.
func difference(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// checkNewer refuses a database with a migration that this version does not know.
func checkNewer(c *conn) error {
	applied, err := appliedMigrations(c)
	if err != nil {
		return err
	}
	known, err := migrations()
	if err != nil {
		return err
	}
	newest := known[len(known)-1].version
	if found := slices.Max(append(slices.Collect(maps.Keys(applied)), newest)); found > newest {
		return fmt.Errorf("a newer version of Roster has migrated it (to %d; this one knows %d)", found, newest)
	}
	return nil
}

// texts runs a statement and returns its first column.
func (c *conn) texts(query string) (texts []string, err error) {
	err = c.query(query, func(row []driver.Value) error {
		texts = append(texts, textOf(row[0]).String)
		return nil
	})
	return texts, err
}
