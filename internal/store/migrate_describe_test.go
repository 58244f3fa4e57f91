package store_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// takesAway is what older servers, which still run while a migration is applied,
// would stumble over.
var takesAway = regexp.MustCompile(`(?i)\b(drop|rename|modify|truncate|replace into)\b|\bdelete\s+from\b|\bchange\s+column\b|\balter\s+table\s+` + "`?" + `(t_users|auth_|django_)`)

// addsColumn is what older servers and Django leave alone.
var addsColumn = regexp.MustCompile(`(?i)\balter\s+table\s+t_users\s+add\s+column\b`)

// needed finds new columns that a row cannot be without, unless they have a default.
var needed = regexp.MustCompile(`(?i)\badd\s+column\s[^,;]*?\bnot\s+null(\s+default\b)?`)

func TestMigrations_OnlyAdd(t *testing.T) {
	t.Parallel()
	for name, text := range store.MigrationFiles() {
		_, up, _ := strings.Cut(text, "-- +goose Up")
		if store.BeginsGeneration(name) {
			continue
		}
		if found := takesAway.FindString(addsColumn.ReplaceAllString(up, "")); found != "" {
			t.Errorf("%s: %q takes something away from the version before, which may still run; such a migration begins a generation", name, found)
		}
		for _, found := range needed.FindAllStringSubmatch(up, -1) {
			if found[1] == "" {
				t.Errorf("%s: %q: the version before does not fill the column; it needs a default", name, found[0])
			}
		}
	}
}

// What pending migrations add to t_users is not missing when a store opens.
func TestAdditions(t *testing.T) {
	t.Parallel()
	text := "-- +goose Up\nALTER TABLE t_users ADD COLUMN hat text NULL;\nalter table `t_users` add column `coat` varchar(9) NULL;\n" +
		"ALTER TABLE roster_tasks ADD COLUMN cane text NULL;\n"
	if got, want := store.Additions(text), []string{"hat", "coat"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	names, err := store.Inspect(t.TempDir() + "/none.sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	described, err := store.Describe(false, names)
	if err != nil || len(described) != len(names) {
		t.Fatalf("got %d descriptions of %d, %v", len(described), len(names), err)
	}
	for i, m := range described {
		if m.Name != names[i] || !strings.HasSuffix(m.About, ".") || strings.Contains(m.About, "--") || m.Breaks {
			t.Errorf("got %+v of %s", m, names[i])
		}
	}
	if _, err := store.Describe(false, []string{"00000_none.sql"}); err == nil {
		t.Error("got no error for a migration that is not there")
	}
}

// A server of this version goes on with a database that the next one has
// migrated: with one more table, and one more column in every table of ours.
func TestStore_NextVersion(t *testing.T) {
	t.Parallel()
	widened := func(tb testing.TB) *store.Store {
		tb.Helper()
		s := storetest.OpenSQLite(tb)
		if err := store.Widen(tb.Context(), s); err != nil {
			tb.Fatal(err)
		}
		return s
	}
	t.Run("Users", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, 1, func(t *testing.T) user.Store { t.Helper(); return widened(t) })
	})
	t.Run("Staff", func(t *testing.T) {
		t.Parallel()
		runStaff(t, widened)
	})
	t.Run("Tasks", func(t *testing.T) {
		t.Parallel()
		runTasks(t, widened)
	})
}

// What the next version has migrated, this one opens again; what the next
// generation has, it refuses.
func TestOpen_Newer(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			if err := store.Widen(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if pending, err := s.Pending(t.Context()); err != nil || len(pending) != 0 {
				t.Errorf("got %q, %v, want nothing pending", pending, err)
			}
			if err := store.CheckSchema(t.Context(), s); err != nil {
				t.Errorf("the next version: got %v, want it taken", err)
			}
			if err := store.NoteMigration(t.Context(), s, 1000); err != nil {
				t.Fatal(err)
			}
			if err := store.CheckSchema(context.Background(), s); err == nil || !strings.Contains(err.Error(), "a newer version of Roster") {
				t.Errorf("the next generation: got %v, want it refused", err)
			}
		})
	}
}
