package takeover

import (
	"strings"

	"roster/internal/finding"
)

// Refusals returns why no command of Roster works with the tables of a database:
// the errors of the report about the schema. A missing table is none: migrations
// create it.
func Refusals(d Database) (found finding.List) {
	var r Report
	r.judgeSchema(d)
	for _, f := range r.Findings {
		if f.Severity == finding.Error && f.ID != "schema.table.missing" {
			found = append(found, f)
		}
	}
	return found
}

// Summary describes refusals in one line, with the remedy of the first.
func Summary(found finding.List) string {
	titles := make([]string, len(found))
	for i, f := range found {
		titles[i] = f.Title
		if len(f.Examples) > 0 {
			titles[i] += " (" + strings.Join(f.Examples, ", ") + ")"
		}
	}
	return strings.Join(titles, "; ") + ". " + found[0].Remedy + " roster takeover --check reports the details."
}
