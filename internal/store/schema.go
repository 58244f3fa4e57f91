package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/internal/store/sqldb"
)

// userTable are the columns that t_users must have, and no others: a column
// that Roster does not know it could not fill.
var userTable = []string{
	"id", "username", "email", "first_name", "last_name", "phone", "address", "is_active", "created_at", "updated_at",
}

// checkSchema refuses a database that this version cannot work with. One
// that has no tables yet passes.
func (s *Store) checkSchema(ctx context.Context) error {
	var refused error
	err := s.db.Read(ctx, "check the schema", func(c sqldb.Conn) error {
		err := sqldb.FirstError(s.checkColumns(c), s.checkNewer(c))
		if why, ok := errors.AsType[refusal](err); ok {
			refused = why // no failure of the database
			return nil
		}
		return err
	})
	if err = sqldb.FirstError(err, refused); err != nil {
		return s.db.Refusal(err)
	}
	return nil
}

// refusal says why a database that works is not one for this version.
type refusal string

func (r refusal) Error() string { return string(r) }

func (s *Store) checkColumns(c sqldb.Conn) error {
	columns, err := sqldb.Texts(c, s.tableColumns, "t_users")
	if err != nil || len(columns) == 0 {
		return err
	}
	missing, foreign := difference(userTable, columns), difference(columns, userTable)
	switch {
	case len(missing) > 0:
		return refusal("the table t_users lacks " + strings.Join(missing, ", "))
	case len(foreign) > 0:
		return refusal("the table t_users has columns that Roster does not know: " + strings.Join(foreign, ", "))
	}
	return nil
}

// difference returns what is in a and not in b.
func difference(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// checkNewer refuses a database with a migration of a generation that this
// version does not know: it may lack what this version needs.
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
