package sqlite_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/user"
)

// Both drivers have FTS5, as Python's sqlite3 does: a database of Django's may
// keep an index of its own up to date by triggers on t_users.
func TestCreate_FullTextTrigger(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	runSQL(t, path, "CREATE VIRTUAL TABLE names USING fts5(username)")
	runSQL(t, path, "CREATE TRIGGER names_insert AFTER INSERT ON t_users BEGIN INSERT INTO names (rowid, username) VALUES (new.id, new.username); END")
	users := user.NewUsers(openMigrated(t, path), time.Now, slog.New(slog.DiscardHandler))
	in := form.Input{"username": {Kind: form.String, Text: "ada"}, "email": {Kind: form.String, Text: "ada@example.com"}}
	if _, err := users.Create(t.Context(), access.System("test"), in); err != nil {
		t.Fatal(err)
	}
	if got := runSQL(t, path, "SELECT username FROM names WHERE names MATCH 'ada'"); !slices.Contains(got, "ada") {
		t.Errorf("got %q, want ada", got)
	}
}
