package engine

import (
	"fmt"

	"roster/internal/phrase"
)

// RefuseRows returns an error, which begins with the database's name, when its
// tables, of which the rows are given, hold people or what they did.
func RefuseRows(name string, rows map[string]int64) error {
	for _, table := range []string{"t_users", "auth_user", "roster_audit_entries"} {
		if n := rows[table]; n > 0 {
			return fmt.Errorf("%s holds %s in %s; --overwrite replaces all of it", name, phrase.Count(n, "row"), table)
		}
	}
	return nil
}
