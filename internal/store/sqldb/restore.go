package sqldb

import (
	"fmt"
	"maps"
	"slices"

	"roster/internal/phrase"
)

// RefuseRows returns an error, prefixed with the database's name, if tables
// with the given numbers of rows contain user data, or any data in the database
// of another program, which has no table of users.
func RefuseRows(name string, rows map[string]int64) error {
	telling := []string{"t_users", "auth_user", "roster_audit_entries"}
	if _, ours := rows["t_users"]; !ours {
		telling = slices.Sorted(maps.Keys(rows))
	}
	for _, table := range telling {
		if n := rows[table]; n > 0 {
			return fmt.Errorf("%s holds %s in %s; --overwrite replaces all of it", name, phrase.Count(n, "row"), table)
		}
	}
	return nil
}
