package resources

import (
	"context"

	"roster/internal/access"
	"roster/internal/phrase"
	"roster/internal/user"
)

// consequences returns what deleting a user does to rows of other tables, as
// sentences.
func consequences(ctx context.Context, users *user.Users, actor access.Actor, id int64) (sentences []string, err error) {
	found, err := users.Dependents(ctx, actor, id)
	for _, d := range found {
		rows := phrase.Count(d.Rows, "row")
		if d.More {
			rows = "More than " + rows
		}
		rows += " of the table " + d.Table
		switch d.Effect {
		case user.Blocks:
			sentences = append(sentences, rows+" "+phrase.Verb(d.Rows, "refers", "refer")+" to this user, who cannot be deleted before them.")
		case user.Deleted:
			sentences = append(sentences, rows+" "+phrase.Verb(d.Rows, "refers", "refer")+" to this user and will be deleted too, for good and without an entry in the audit trail.")
		case user.Cleared:
			sentences = append(sentences, rows+" will no longer refer to a user.")
		}
	}
	return sentences, err
}
