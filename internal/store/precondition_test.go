package store_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/finding"
	"roster/internal/store"
	"roster/internal/store/examine"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/takeover"
)

// TestPreconditions has every command refuse the same databases: the report of
// the takeover, what opens a database, and what inspects it for migrations.
func TestPreconditions_MySQL(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"ALTER TABLE t_users MODIFY email varchar(200) NOT NULL, ENGINE = MyISAM":   "InnoDB (t_users (MyISAM))",
		"ALTER TABLE django_session ENGINE = MyISAM":                                "InnoDB (django_session (MyISAM))",
		"RENAME TABLE t_users TO users; CREATE VIEW t_users AS SELECT * FROM users": "t_users is a view, not a table",
		"ALTER TABLE t_users DROP INDEX username":                                   "t_users (username): the unique index is missing",
		"ALTER TABLE t_users MODIFY id int NOT NULL":                                "t_users.id: the column has no auto-increment",
		"ALTER TABLE t_users MODIFY is_active varchar(5) NOT NULL":                  "t_users.is_active: the type is varchar(5)",
		"ALTER TABLE t_users MODIFY phone varchar(20) NOT NULL":                     "t_users.phone: the column does not allow NULL",
		"ALTER TABLE auth_user DROP COLUMN is_staff":                                "auth_user.is_staff: the column is missing",
		"ALTER TABLE t_users ADD COLUMN hat int NOT NULL":                           "hat; give each a default",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			o := mysqltest.NewDatabase(t)
			s, err := store.OpenMySQL(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := migrated(t, s).Close(); err != nil {
				t.Fatal(err)
			}
			mysqltest.Exec(t, mysqltest.Connect(t, o.Database), change)
			wantRefused(t, want, func(ctx context.Context) error {
				s, err := store.OpenMySQL(ctx, o)
				if err == nil {
					err = s.Close()
				}
				return err
			}, func(fn func(context.Context, takeover.Source) error) error { return examine.MySQL(t.Context(), o, fn) })
		})
	}
}

func TestPreconditions_SQLite(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"ALTER TABLE t_users RENAME TO users; CREATE VIEW t_users AS SELECT * FROM users":       "t_users is a view, not a table",
		"ALTER TABLE t_users DROP COLUMN phone":                                                 "t_users lacks phone",
		"ALTER TABLE t_users ADD COLUMN hat int NOT NULL DEFAULT NULL":                          "hat; give each a default",
		"ALTER TABLE auth_user DROP COLUMN is_staff":                                            "auth_user.is_staff: the column is missing",
		"ALTER TABLE auth_user DROP COLUMN is_active; ALTER TABLE auth_user ADD is_active TEXT": "auth_user.is_active: the type is TEXT",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			o := store.Options{Path: filepath.Join(t.TempDir(), "db.sqlite3"), Readers: 1}
			s, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			migrated(t, s)
			for statement := range strings.SplitSeq(change, "; ") {
				execute(t, s, statement)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Inspect(o.Path); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("inspecting it: got %v, want a refusal: %s", err, want)
			}
			wantRefused(t, want, func(ctx context.Context) error {
				s, err := store.Open(ctx, o)
				if err == nil {
					err = s.Close()
				}
				return err
			}, func(fn func(context.Context, takeover.Source) error) error {
				return examine.SQLite(t.Context(), o.Path, fn)
			})
		})
	}
}

// wantRefused has a database refused by the report and when it is opened.
func wantRefused(t *testing.T, want string, open func(context.Context) error, examined func(func(context.Context, takeover.Source) error) error) {
	t.Helper()
	if err := open(t.Context()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("opening it: got %v, want a refusal in one line: %s", err, want)
	}
	var report takeover.Report
	err := examined(func(ctx context.Context, source takeover.Source) (err error) {
		report, err = takeover.Inspect(ctx, source, storetest.TakeoverOptions)
		return err
	})
	if err != nil || report.Findings.Count(finding.Error) == 0 {
		t.Errorf("the report: got %+v, %v, want an error", report.Findings, err)
	}
}

// TestSnapshot_LacksATable has the list of tables lack one that exists, as with a
// proxy that hides it from information_schema.
func TestSnapshot_LacksATable(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		for _, table := range []string{"t_users", "roster_reports"} {
			t.Run(engine+" "+table, func(t *testing.T) {
				t.Parallel()
				s := open(t)
				execute(t, s, "ALTER TABLE "+table+" RENAME TO hidden")
				execute(t, s, "CREATE VIEW "+table+" AS SELECT * FROM hidden")
				if _, err := s.Snapshot(t.Context(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "lacks the table "+table) {
					t.Errorf("got %v, want an error that names the table", err)
				}
			})
		}
	}
}
