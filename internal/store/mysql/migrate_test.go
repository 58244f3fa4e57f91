package mysql_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
)

// unique are the columns that compare byte by byte where Roster makes the table.
var unique = map[string][]string{
	"t_users":                         {"`username` varchar(100)", "`email` varchar(255)"},
	"auth_user":                       {"`username` varchar(150)"},
	"auth_group":                      {"`name` varchar(150)"},
	"django_celery_beat_periodictask": {"`name` varchar(200)"},
}

// TestMigrate_MakesDjangosTables allows for the collation of the unique
// columns and the next id alone.
func TestMigrate_MakesDjangosTables(t *testing.T) {
	t.Parallel()
	_, ours := openNew(t)
	theirs := mysqltest.NewDatabase(t)
	loadDjango(t, theirs)
	got, want := showTables(t, ours.Database), showTables(t, theirs.Database)
	delete(want, "django_migrations")
	for table, columns := range unique {
		for _, column := range columns {
			want[table] = strings.Replace(want[table], column, column+" CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin", 1)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 16 {
		t.Errorf("%d tables of Django's: %s", len(want), diff)
	}
	our, their := mysqltest.Connect(t, ours.Database), mysqltest.Connect(t, theirs.Database)
	for _, rows := range []string{
		"SELECT id, app_label, model FROM django_content_type ORDER BY id",
		"SELECT id, content_type_id, codename, name FROM auth_permission WHERE codename <> 'mail_tuser' ORDER BY id",
	} {
		got, want := mysqltest.Rows(t, our, rows), mysqltest.Rows(t, their, rows)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s: %d rows of Django's: %s", rows, len(want), diff)
		}
	}
}

// nextID is where the ids of a table go on.
var nextID = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// showTables returns the definitions of the tables that are not our own, but
// for where their ids go on.
func showTables(t *testing.T, database string) map[string]string {
	t.Helper()
	db := mysqltest.Connect(t, database)
	tables := make(map[string]string)
	for _, table := range mysqltest.Rows(t, db, "SHOW TABLES") {
		if !strings.HasPrefix(table, "roster_") {
			tables[table] = nextID.ReplaceAllString(mysqltest.Rows(t, db, "SHOW CREATE TABLE "+table)[0], "")
		}
	}
	return tables
}

// TestMigrate_AddsMissingRows has Django's rows in part, in each of the
// collations that a database of Django's may have: what is there stays.
func TestMigrate_AddsMissingRows(t *testing.T) {
	t.Parallel()
	for _, collation := range []string{"utf8mb4_0900_ai_ci", "utf8mb4_unicode_ci", "utf8mb4_bin", "utf8mb3_general_ci", "latin1_swedish_ci"} {
		t.Run(collation, func(t *testing.T) {
			t.Parallel()
			o := mysqltest.NewDatabase(t)
			loadDjango(t, o)
			db := mysqltest.Connect(t, o.Database)
			charset, _, _ := strings.Cut(collation, "_")
			for _, table := range []string{"django_content_type", "auth_permission"} {
				mysqltest.Exec(t, db, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET "+charset+" COLLATE "+collation)
			}
			mysqltest.Exec(t, db, "DELETE FROM auth_permission WHERE codename IN ('view_session', 'add_session');"+
				"UPDATE auth_permission SET name = 'Darf lesen' WHERE codename = 'view_user';"+
				"INSERT INTO django_content_type (app_label, model) VALUES ('shop', 'order')")
			const rows = "SELECT t.app_label, p.codename, p.name FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id"
			want := append(mysqltest.Rows(t, db, rows), "sessions|add_session|Can add session", "sessions|view_session|Can view session",
				"users|mail_tuser|Can send mail to users")
			openMigrated(t, o)
			got := mysqltest.Rows(t, db, rows)
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMigrate_Twice(t *testing.T) {
	t.Parallel()
	s := open(t, mysqltest.NewDatabase(t))
	pending, err := s.Pending(t.Context())
	if err != nil || !slices.Equal(pending, storetest.Migrations(t, "mysql")) {
		t.Errorf("Pending: got %v, %v; want all migrations", pending, err)
	}
	for _, want := range []int{len(pending), 0, 0} {
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
	if want := len(storetest.Migrations(t, "mysql")); total.Load() != int64(want) {
		t.Errorf("got %d migrations applied by all, want %d", total.Load(), want)
	}
	wantMigrated(t, o.Database)
}

// TestDrill_MigrationCut loses every connection before a command, and so after
// the one before, and finishes each time what was left. The long form tries
// every command, the short one some of them.
func TestDrill_MigrationCut(t *testing.T) {
	t.Parallel()
	stride := 40
	if os.Getenv("ROSTER_DRILL") == "long" {
		stride = 1
	}
	for n := int64(1); ; n += 1 + rand.Int64N(int64(stride)) {
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
		if err != nil || n < 40 {
			t.Errorf("got %v after %d commands, of which none was cut; want success, and more commands", err, n)
		}
		return
	}
}

// wantMigrated checks that each migration is noted once and the tables are whole.
func wantMigrated(t *testing.T, database string) {
	t.Helper()
	db := mysqltest.Connect(t, database)
	versions := mysqltest.Rows(t, db, "SELECT version_id FROM roster_migrations ORDER BY version_id")
	if want := storetest.Migrations(t, "mysql"); len(versions) != len(want)+1 || versions[0] != "0" || versions[len(want)] != strconv.Itoa(len(want)) {
		t.Errorf("got versions %v, want 0 to %d once each", versions, len(want))
	}
	if got := len(showTables(t, database)); got != 16 {
		t.Errorf("got %d tables, want Django's 16", got)
	}
	if got := mysqltest.Rows(t, db, "SELECT COUNT(*), MAX(id) FROM auth_permission WHERE codename <> 'mail_tuser'"); got[0] != "52|52" {
		t.Errorf("got %v permissions and the highest id, want Django's 52", got)
	}
}

func TestMigrate_NoRights(t *testing.T) {
	t.Parallel()
	s := open(t, mysqltest.NewUser(t, mysqltest.NewDatabase(t), "SELECT, INSERT, UPDATE, DELETE"))
	if _, err := s.Migrate(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "DB_USER: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line with DB_USER", err)
	}
}

// loadDjango makes and fills the tables as Django did.
func loadDjango(t *testing.T, o store.MySQLOptions) {
	t.Helper()
	mysqltest.Exec(t, mysqltest.Connect(t, o.Database), storetest.DjangoOnMySQL)
}
