package takeover

import (
	"slices"
	"strings"

	"roster/internal/finding"
)

// searchTriggers are the triggers on t_users that maintain the search index.
var searchTriggers = [...]string{"roster_search_insert", "roster_search_update"}

// JudgeSearches reports whether searches scan all users, and why Roster cannot
// create the triggers of the search index. It reports nothing if the triggers
// exist, or if their table does not.
func JudgeSearches(d Database) (found finding.List) {
	var missing []string
	for _, name := range searchTriggers {
		if !slices.Contains(d.Triggers, name) {
			missing = append(missing, name)
		}
	}
	if _, ok := d.Tables[userTable]; !ok || len(missing) == 0 {
		return nil
	}
	const slow = "Until the triggers exist, searches scan all users, which takes seconds for a million."
	found = append(found, finding.Finding{
		ID: "searches.triggers", Severity: finding.Info, Title: "Triggers of the search index are missing",
		Detail: slow, Remedy: "roster serve creates them and the index in the background, if permitted.",
		Count: int64(len(missing)), Examples: missing,
	})
	if d.Engine != MySQL {
		return found
	}
	if !mayMakeTriggers(d.Grants, d.Name) {
		found = append(found, finding.Finding{
			ID: "mysql.trigger", Severity: finding.Warning, Title: "The database user lacks the privilege TRIGGER",
			Detail: "Roster cannot create the triggers of the search index. " + slow,
			Remedy: "GRANT TRIGGER ON the database TO the user that roster serve connects as. A running server tries again within a minute.", Count: 1,
		})
	}
	if d.Settings["log_bin"] == "1" && d.Settings["log_bin_trust_function_creators"] == "0" && !grantsOf(d.Grants, d.Name)["SUPER"] {
		found = append(found, finding.Finding{
			ID: "mysql.log_bin_trust_function_creators", Severity: finding.Warning, Title: "log_bin_trust_function_creators is 0",
			Detail: "With a binary log, the server lets only users with SUPER create triggers. " + slow,
			Remedy: "SET PERSIST log_bin_trust_function_creators = 1. A running Roster server tries again within a minute.", Count: 1,
		})
	}
	return found
}

// mayMakeTriggers reports whether the statements of SHOW GRANTS allow creating
// triggers on t_users.
func mayMakeTriggers(grants []string, database string) bool {
	held := grantsOf(grants, database)
	return held["TRIGGER"] || held["ALL PRIVILEGES"]
}

// grantsOf returns the privileges on t_users in the statements of SHOW GRANTS.
// Partial revokes appear as a REVOKE after the GRANT on all databases.
func grantsOf(statements []string, database string) map[string]bool {
	held := map[string]bool{}
	for _, statement := range statements {
		rights, scope, given := cutGrant(statement)
		if !covers(scope, database) {
			continue
		}
		for right := range strings.SplitSeq(rights, ",") {
			right = strings.TrimSpace(right)
			if held[right] = given; !given && held["ALL PRIVILEGES"] && right == "TRIGGER" {
				held["ALL PRIVILEGES"] = false
			}
		}
	}
	return held
}

// cutGrant returns the privileges of a GRANT or REVOKE and their scope; no
// scope for other statements and those about roles.
func cutGrant(statement string) (rights, scope string, given bool) {
	rest, given := strings.CutPrefix(statement, "GRANT ")
	if !given {
		rest, _ = strings.CutPrefix(statement, "REVOKE ")
	}
	end := " TO "
	if !given {
		end = " FROM "
	}
	rights, rest, _ = strings.Cut(rest, " ON ")
	scope, _, ok := strings.Cut(rest, end)
	if !ok {
		return "", "", given
	}
	return rights, scope, given
}

// covers reports whether the scope of a grant includes t_users: *.*, a pattern
// of databases, or the table itself.
func covers(scope, database string) bool {
	if scope == "*.*" {
		return true
	}
	name, table, ok := strings.Cut(scope, "`.")
	if name, quoted := strings.CutPrefix(name, "`"); ok && quoted {
		name = strings.ReplaceAll(name, "``", "`")
		switch table {
		case "*":
			return matches(name, database)
		case "`" + userTable + "`":
			return name == database
		}
	}
	return false
}

// matches reports whether a name matches a MySQL LIKE pattern: % is any text, _
// any character, and \ escapes the next one.
func matches(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	could := make([]bool, len(n)+1) // lengths of the name that the pattern so far may match
	could[0] = true
	for i := 0; i < len(p); i++ {
		anyText, anyOne := p[i] == '%', p[i] == '_'
		if p[i] == '\\' && i+1 < len(p) {
			i++
		}
		next := make([]bool, len(n)+1)
		for at := range could {
			next[at] = anyText && (could[at] || at > 0 && next[at-1]) || !anyText && at > 0 && could[at-1] && (anyOne || p[i] == n[at-1])
		}
		could = next
	}
	return could[len(n)]
}
