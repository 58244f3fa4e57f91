package mysql_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
)

const showTable = "SHOW CREATE TABLE t_users"

// TestMigrate_MakesDjangosTable allows for the collation of the unique columns
// and the next id alone.
func TestMigrate_MakesDjangosTable(t *testing.T) {
	t.Parallel()
	_, ours := openNew(t)
	theirs := mysqltest.NewDatabase(t)
	loadDjango(t, theirs)
	got := mysqltest.Rows(t, mysqltest.Connect(t, ours.Database), showTable)[0]
	want := mysqltest.Rows(t, mysqltest.Connect(t, theirs.Database), showTable)[0]
	want = strings.Replace(want, " AUTO_INCREMENT=301", "", 1)
	for _, column := range []string{"`username` varchar(100)", "`email` varchar(255)"} {
		want = strings.Replace(want, column, column+" CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin", 1)
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMigrate_Twice(t *testing.T) {
	t.Parallel()
	s := open(t, mysqltest.NewDatabase(t))
	pending, err := s.Pending(t.Context())
	if err != nil || !slices.Equal(pending, []string{"00001_t_users.sql"}) {
		t.Errorf("Pending: got %v, %v; want the one migration", pending, err)
	}
	for _, want := range []int{1, 0, 0} {
		if got, err := s.Migrate(t.Context()); err != nil || got != want {
			t.Errorf("Migrate: got %d, %v; want %d", got, err, want)
		}
	}
	if pending, err := s.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("Pending: got %v, %v; want none", pending, err)
	}
}

func TestPending_ChangesNothing(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	if _, err := open(t, o).Pending(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := mysqltest.Rows(t, mysqltest.Connect(t, o.Database), "SHOW TABLES"); len(got) != 0 {
		t.Errorf("got %v, want no tables", got)
	}
}

func TestMigrate_ManyAtOnce(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	var total atomic.Int64
	var wait sync.WaitGroup
	for range 4 {
		s := open(t, o)
		wait.Go(func() {
			n, err := s.Migrate(t.Context())
			if err != nil {
				t.Errorf("Migrate: %v", err)
			}
			total.Add(int64(n))
		})
	}
	wait.Wait()
	if total.Load() != 1 {
		t.Errorf("got %d migrations applied by all, want 1", total.Load())
	}
	wantMigrated(t, o.Database)
}

// TestMigrate_Cut loses every connection before the first, second, third …
// command, and so after the one before, and finishes each time what was left.
func TestMigrate_Cut(t *testing.T) {
	t.Parallel()
	for n := int64(1); ; n++ {
		direct := mysqltest.NewDatabase(t)
		p, o := mysqltest.NewProxy(t, direct)
		s := open(t, o)
		var commands atomic.Int64
		p.Judge(func(string) mysqltest.Verdict {
			if commands.Add(1) >= n {
				return mysqltest.CutBefore
			}
			return mysqltest.Pass
		})
		_, err := s.Migrate(t.Context())
		openMigrated(t, direct)
		wantMigrated(t, direct.Database)
		if commands.Load() >= n {
			continue
		}
		if err != nil || n < 8 {
			t.Errorf("got %v after %d commands, of which none was cut; want success, and more commands", err, n)
		}
		return
	}
}

// wantMigrated checks that each migration is noted once and the table is whole.
func wantMigrated(t *testing.T, database string) {
	t.Helper()
	db := mysqltest.Connect(t, database)
	if got := mysqltest.Rows(t, db, "SELECT version_id FROM roster_migrations ORDER BY version_id"); !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("got versions %v, want 0 and 1 once each", got)
	}
	if got := mysqltest.Rows(t, db, showTable); strings.Count(got[0], "KEY ") != 5 {
		t.Errorf("got %v, want the table and its five keys", got)
	}
}

func TestMigrate_NoRights(t *testing.T) {
	t.Parallel()
	s := open(t, mysqltest.NewUser(t, mysqltest.NewDatabase(t), "SELECT, INSERT, UPDATE, DELETE"))
	if _, err := s.Migrate(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "DB_USER: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line with DB_USER", err)
	}
}

// loadDjango makes and fills the table as Django did.
func loadDjango(t *testing.T, o store.MySQLOptions) {
	t.Helper()
	script, err := os.ReadFile("testdata/django.sql")
	if err != nil {
		t.Fatal(err)
	}
	mysqltest.Exec(t, mysqltest.Connect(t, o.Database), string(script))
}
