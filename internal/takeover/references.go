package takeover

import (
	"strings"

	"roster/internal/finding"
)

// judgeReferences reports the tables of other apps whose rows refer to rows that
// Roster deletes.
func (r *Report) judgeReferences(d Database) {
	var kept, deleted, cleared examples
	for _, reference := range d.References {
		if _, ours := d.Expected[reference.Table]; ours || strings.HasPrefix(reference.Table, "roster_") {
			continue
		}
		example := reference.Table + "." + reference.Column + " (" + reference.To + ")"
		switch reference.Rule {
		case "CASCADE":
			deleted.add(example)
		case "RESTRICT", "NO ACTION":
			kept.add(example)
		default:
			cleared.add(example)
		}
	}
	r.noted(kept, finding.Finding{
		ID: "schema.references.kept", Severity: finding.Warning, Title: "Rows of other tables keep users or accounts from being deleted",
		Detail: "Django deletes such rows itself. Roster does not know them: it answers 409, names the table, and deletes nothing.",
		Remedy: "Delete these rows first, or declare ON DELETE CASCADE or SET NULL.",
	})
	r.noted(deleted, finding.Finding{
		ID: "schema.references.deleted", Severity: finding.Warning, Title: "Rows of other tables are deleted with users or accounts",
		Detail: "The database deletes them (ON DELETE CASCADE), without an entry in the audit trail.",
		Remedy: "None if that is intended.",
	})
	r.noted(cleared, finding.Finding{
		ID: "schema.references.cleared", Severity: finding.Info, Title: "Rows of other tables lose their reference when a user or account is deleted",
		Detail: "The database sets the column to NULL or its default.",
	})
}
