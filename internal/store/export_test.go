package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"roster/internal/audit"
	"roster/internal/job"
	"roster/internal/query"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/user"
)

// filtersOfPlans are the filters of statements for Explain.
var filtersOfPlans = map[string]string{
	"with address": `email eq "user7@example.com"`, "with prefix": `username sw "a"`, "created since": `created_at ge "2026-11-23T00:00:00Z"`,
}

// cursorsOfPlans are the queries of statements for Explain.
var cursorsOfPlans = map[string]user.Query{
	"from time": {Cursor: query.Cursor{Value: "2026-11-01T12:00:00.000000", ID: 7}},
	"from name": {Order: "-username", Cursor: query.Cursor{Order: "-username", Value: "user7", ID: 7, Before: true}},
	"from id":   {Order: "id", Cursor: query.Cursor{Order: "id", ID: 7}},
}

// Explain returns how the database runs the named statement, a line for each
// row of its answer, whose column of that number it is.
func Explain(ctx context.Context, s *Store, command, name string, column int) (plan string, err error) {
	found := func(q user.Query, few bool) string {
		statement, _ := s.selectFound(candidates{}, q, few)
		return statement
	}
	seen := func(f job.DeliveryFilter) string {
		statement, _ := seenPage(f, 0, 7)
		return statement
	}
	statement := map[string]string{
		"find":             selectUser,
		"page":             selectPage,
		"deep page":        s.deepPage,
		"page from end":    selectDeepPageFromEnd,
		"total":            selectTotal,
		"active":           selectActive,
		"taken":            takenUser,
		"created":          "SELECT " + selectCreated,
		"oldest first":     found(user.Query{Order: "created_at"}, false),
		"newest active":    found(user.Query{IsActive: query.OnlyTrue}, false),
		"few active":       found(user.Query{IsActive: query.OnlyTrue}, true),
		"newest with word": found(user.Query{Search: "word"}, false),
		"few with word":    found(user.Query{Search: "word"}, true),
		"by username":      found(user.Query{Order: "-username"}, false),
		"with address":     found(user.Query{Filter: filtersOfPlans["with address"]}, true),
		"with prefix":      found(user.Query{Filter: filtersOfPlans["with prefix"]}, true),
		"entries of user":  selectEntries + s.auditFilter(audit.Filter{ObjectType: "user", ObjectID: 7, Below: 9}).String() + newestByID,
		"tasks of user":    selectTasks + s.taskFilter(task.Filter{User: 7, Through: 9}).String() + newestByID,
		"mails of user":    selectMails + " WHERE d.user_id = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?",
		"deliveries":       seen(job.DeliveryFilter{}),
		"of state":         seen(job.DeliveryFilter{State: job.Bounced}),
		"of mailing":       seen(job.DeliveryFilter{TaskID: 7}),
		"of both":          seen(job.DeliveryFilter{TaskID: 7, State: job.Bounced}),
		"of users":         seen(job.DeliveryFilter{Users: []int64{7, 7}}),
		"created since":    found(user.Query{Filter: filtersOfPlans["created since"]}, false),
	}[name]
	q, isCursor := cursorsOfPlans[name]
	if isCursor {
		statement, _ = s.selectFrom(q)
	}
	args := make([]driver.Value, strings.Count(statement, "?"))
	for i := range args {
		args[i] = int64(7)
	}
	switch name {
	case "created":
		args = []driver.Value{"2026-11-22 00:00:00", "2026-11-23 00:00:00"}
	case "of both":
		args[1] = "bounced"
	case "newest with word", "few with word", "entries of user", "of state":
		args[0] = "word"
	case "with address", "with prefix", "created since":
		_, args = s.selectFound(candidates{}, user.Query{Filter: filtersOfPlans[name]}, true)
		args = append(slices.Clone(args), int64(7), int64(7))
	}
	if isCursor {
		_, bound := s.selectFrom(q)
		copy(args, bound)
	}
	err = s.db.Read(ctx, "plan", func(c sqldb.Conn) error {
		return c.Query(command+" "+statement, func(row []driver.Value) error {
			plan += sqldb.TextOf(row[column]).String + "\n"
			return nil
		}, args...)
	})
	return plan, err
}

// Additions returns the columns that a migration's text adds to t_users.
var Additions = additions

// GlobPattern and RegexpPattern return the patterns of words.
func GlobPattern(word string) string   { return globPattern(word, anchors{}) }
func RegexpPattern(word string) string { return regexpPattern(word, anchors{}) }

// Globs reports whether SQLite finds a pattern in a text.
func Globs(ctx context.Context, s *Store, text, pattern string) (matches bool, err error) {
	err = s.db.Read(ctx, "match", func(c sqldb.Conn) error {
		n, err := sqldb.Integer(c, "SELECT LOWER(?) GLOB ?", text, pattern)
		matches = n == 1
		return err
	})
	return matches, err
}

// HoldScans keeps all scans waiting until release is called.
func HoldScans(s *Store) (release func()) {
	for range cap(s.scans) {
		s.scans <- struct{}{}
	}
	return func() {
		for range cap(s.scans) {
			<-s.scans
		}
	}
}

// MigrateTo brings an empty database to the schema that an older version had.
func MigrateTo(ctx context.Context, s *Store, version int64) error {
	return s.db.Migrating(ctx, func(ctx context.Context, db *sql.DB) error {
		provider, err := s.provider(ctx, db)
		if err == nil {
			_, err = provider.UpTo(ctx, version)
		}
		return err
	})
}

// MigrationFiles returns the text of every migration, by its path.
func MigrationFiles() map[string]string {
	texts := make(map[string]string)
	for _, folder := range []string{sqliteDialect.migrations, mysqlDialect.migrations} {
		entries, _ := migrationFiles.ReadDir(folder)
		for _, entry := range entries {
			text, _ := migrationFiles.ReadFile(folder + "/" + entry.Name())
			texts[folder+"/"+entry.Name()] = string(text)
		}
	}
	return texts
}

// BeginsGeneration reports whether a migration may take something away.
func BeginsGeneration(path string) bool {
	return numberOf(path[strings.LastIndex(path, "/")+1:])%perGeneration == 0
}

// Exec runs a statement.
func Exec(ctx context.Context, s *Store, statement string) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error { return exec(t, statement) })
}

// Texts returns the first column of what a statement selects.
func Texts(ctx context.Context, s *Store, statement string) ([]string, error) {
	return read(ctx, s, "select", func(c sqldb.Conn) ([]string, error) { return sqldb.Texts(c, statement) })
}

// Widen does to a database what the next version and Django might: it adds a
// table, a column to every table of ours and to t_users, and the last migration of
// the generation.
func Widen(ctx context.Context, s *Store) error {
	tables := map[string]string{
		"sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'roster!_%' ESCAPE '!'",
		"mysql":  "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'roster!_%' ESCAPE '!'",
	}[engineName(s)]
	err := s.db.Write(ctx, func(t sqldb.Tx) error {
		names, err := sqldb.Texts(t, tables)
		for _, name := range append(names, "t_users") {
			_, failed := t.Exec("ALTER TABLE " + name + " ADD COLUMN next_version varchar(10) NULL")
			err = sqldb.FirstError(err, failed)
		}
		_, failed := t.Exec("CREATE TABLE roster_next (id integer NOT NULL PRIMARY KEY)")
		return sqldb.FirstError(err, failed)
	})
	return sqldb.FirstError(err, NoteMigration(ctx, s, perGeneration-1))
}

func engineName(s *Store) string {
	if s.migrations == mysqlDialect.migrations {
		return "mysql"
	}
	return "sqlite"
}

// NoteMigration writes that a migration was applied.
func NoteMigration(ctx context.Context, s *Store, version int64) error {
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		return exec(t, "INSERT INTO roster_migrations (version_id, is_applied) VALUES (?, 1)", version)
	})
}

// CheckSchema does what opening does with a database that has tables.
func CheckSchema(ctx context.Context, s *Store) error { return s.checkSchema(ctx) }

// Sorted is sorted.
const Sorted = sorted

// TaskStatement returns what workers run again and again, by a name.
func TaskStatement(name string) string {
	selected := func(f task.Filter) string { return sqliteDialect.taskFilter(f).String() }
	claim, _ := claimable(task.Claim{Room: map[string]int{"a": 1, "b": 1}})
	readable, _ := parked([]task.Versions{{Kind: "a"}, {Kind: "b"}})
	kind := selected(task.Filter{Kind: "a"})
	return map[string]string{
		"kind": selectTasks + kind + newestByID, "queue": selectTasks + selected(task.Filter{Queue: "a"}) + newestByID, "newest": selectTasks + newestByID,
		"counted": fmt.Sprintf(countFound, kind), "frequent": selectTasks + sqliteDialect.byID + selected(task.Filter{State: task.Done}) + newestByID,
		"queues": countQueues, "rates": countFinished, "claim": claim, "due": selectDueIDs, "lost": selectLost, "old": selectOldTasks, "parked": readable,
	}[name]
}

// Rows returns the rows of a query, each with the types and values of its columns.
func Rows(ctx context.Context, s *Store, query string) (rows []string, err error) {
	err = s.db.Read(ctx, "rows", func(c sqldb.Conn) error {
		return c.Query(query, func(row []driver.Value) error {
			var text strings.Builder
			for _, value := range row {
				fmt.Fprintf(&text, "%T %v|", value, value)
			}
			rows = append(rows, text.String())
			return nil
		})
	})
	return rows, err
}
