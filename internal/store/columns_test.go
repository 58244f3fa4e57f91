package store_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/finding"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/examine"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/takeover"
	"roster/internal/user"
)

// A migration of Django's adds columns to t_users while Roster runs: nothing
// changes for Roster, and the columns keep their values through changes, a
// backup, a restore and a start.
func TestColumns_Unknown(t *testing.T) {
	t.Parallel()
	for engine, newDatabase := range emptyDatabases() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			old, _ := newDatabase(t)
			running := migrated(t, opened(t, old))
			useUsers(t, running, "ann") // so that statements are known already
			execute(t, running, "ALTER TABLE t_users ADD COLUMN pet_name varchar(20) NULL")
			execute(t, running, "ALTER TABLE t_users ADD COLUMN shoe_size integer NOT NULL DEFAULT 42")
			execute(t, running, "UPDATE t_users SET pet_name = 'Annie', shoe_size = 38")
			useUsers(t, running, "bob")
			wantColumns(t, running, "1 ann Annie 38", "2 bob - 42")

			var backup bytes.Buffer
			if _, err := running.Snapshot(t.Context(), &backup); err != nil {
				t.Fatal(err)
			}
			open, restore := newDatabase(t)
			if err := restore(&backup); err != nil {
				t.Fatal(err)
			}
			restored := migrated(t, opened(t, open))
			useUsers(t, restored, "eve")
			wantColumns(t, restored, "1 ann Annie 38", "2 bob - 42", "3 eve - 42")
		})
	}
}

// useUsers adds a user and runs every kind of statement about users.
func useUsers(t *testing.T, s *store.Store, name string) {
	t.Helper()
	id, err := insert(t, s, someone(name))
	if err != nil {
		t.Fatal(err)
	}
	changed := someone(name)
	changed.ID, changed.UpdatedAt = id, changed.UpdatedAt.Add(time.Hour)
	err = s.InTx(t.Context(), func(tx user.Tx) error {
		before, err := tx.FindUser(id)
		if err != nil {
			return err
		}
		_, err = tx.UpdateUser(before, changed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.FindUser(t.Context(), id); err != nil || got != changed {
		t.Errorf("found %+v, %v, want %+v", got, err, changed)
	}
	for _, q := range []user.Query{{}, {Search: name}, {IsActive: query.OnlyTrue}, {Order: "email", From: changed.CreatedAt}} {
		all, err := s.ListUsers(t.Context(), q, 0, 10)
		if err != nil || !slices.Contains(all, changed) {
			t.Errorf("%+v: listed %+v, %v, want %s among them", q, all, err, name)
		}
		if walked, err := s.WalkUsers(t.Context(), q, 0, id, 10); err != nil || !slices.Contains(walked, changed) {
			t.Errorf("%+v: walked %+v, %v, want %s among them", q, walked, err, name)
		}
		if counts, looked, err := s.LookUsers(t.Context(), q, user.Window{Limit: 10, Count: 10}); err != nil || counts.Active != int64(len(all)) || !slices.Equal(looked, all) {
			t.Errorf("%+v: looked up %+v, %+v, %v, want %+v", q, counts, looked, err, all)
		}
	}
	if deep, err := s.ListUsers(t.Context(), user.Query{}, 1000, 10); err != nil || len(deep) > 0 {
		t.Errorf("listed %+v, %v far behind the last user", deep, err)
	}
	if n, err := s.CountUsers(t.Context(), user.Query{}); n != id || err != nil {
		t.Errorf("counted %d, %v, want %d", n, err, id)
	}
}

func execute(t testing.TB, s *store.Store, statement string) {
	t.Helper()
	if err := store.Exec(t.Context(), s, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func wantColumns(t *testing.T, s *store.Store, want ...string) {
	t.Helper()
	got, err := store.Texts(t.Context(), s, "SELECT CONCAT_WS(' ', id, username, COALESCE(pet_name, '-'), shoe_size) FROM t_users ORDER BY id")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Opening a store and the takeover report judge an unknown column alike: only one
// that no row can be inserted without is refused.
func TestColumns_JudgedAlike(t *testing.T) {
	t.Parallel()
	for definition, refused := range map[string]bool{
		"varchar(20) NULL":                false,
		"integer NOT NULL DEFAULT 42":     false,
		"varchar(20) NOT NULL DEFAULT ''": false,
		"integer NOT NULL":                true,
	} {
		t.Run("sqlite "+definition, func(t *testing.T) {
			t.Parallel()
			o := store.Options{Path: filepath.Join(t.TempDir(), "db.sqlite3")}
			open := func(ctx context.Context) (*store.Store, error) { return store.Open(ctx, o) }
			examined := func(fn func(context.Context, takeover.Source) error) error {
				return examine.SQLite(t.Context(), o.Path, fn)
			}
			wantJudged(t, definition, refused, open, examined)
		})
		t.Run("mysql "+definition, func(t *testing.T) {
			t.Parallel()
			o := mysqltest.NewDatabase(t)
			open := func(ctx context.Context) (*store.Store, error) { return store.OpenMySQL(ctx, o) }
			examined := func(fn func(context.Context, takeover.Source) error) error { return examine.MySQL(t.Context(), o, fn) }
			wantJudged(t, definition, refused, open, examined)
		})
	}
}

// wantJudged adds a column to t_users and has it judged by both.
func wantJudged(t *testing.T, definition string, refused bool, open func(context.Context) (*store.Store, error),
	examined func(func(context.Context, takeover.Source) error) error,
) {
	t.Helper()
	s, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, migrated(t, s), "ALTER TABLE t_users ADD COLUMN hat "+definition)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var report takeover.Report
	err = examined(func(ctx context.Context, source takeover.Source) (err error) {
		report, err = takeover.Inspect(ctx, source, storetest.TakeoverOptions)
		return err
	})
	if errs := report.Findings.Count(finding.Error); err != nil || (errs > 0) != refused {
		t.Errorf("the report has %d errors, %v, want any: %v", errs, err, refused)
	}
	if s, err = open(t.Context()); err == nil {
		err = s.Close()
	}
	if (err != nil) != refused || refused && !strings.Contains(err.Error(), "hat; give each a default or allow NULL") {
		t.Errorf("opening it: got %v, want a refusal with the remedy: %v", err, refused)
	}
}
