package sqlite_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// djangoFile returns a database that Django made and filled.
func djangoFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "django.sqlite3")
	if err := sqlite.Load(path, storetest.DjangoOnSQLite); err != nil {
		t.Fatal(err)
	}
	return path
}

// content returns a hash of the rows of every table but ours and those named.
func content(t testing.TB, path string, except ...string) map[string]string {
	t.Helper()
	hashes := make(map[string]string)
	for _, table := range runSQL(t, path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'roster%' ORDER BY name") {
		if slices.Contains(except, table) {
			continue
		}
		rows := strings.Join(runSQL(t, path, `SELECT `+literals(t, path, table)+` FROM "`+table+`"`), "\n")
		hashes[table] = fmt.Sprintf("%x", sha256.Sum256([]byte(rows)))
	}
	return hashes
}

// literals returns a list of all columns of a table as SQL literals, which
// distinguish every type and byte.
func literals(t testing.TB, path, table string) string {
	t.Helper()
	return strings.Join(runSQL(t, path, `SELECT 'quote("'||name||'")' FROM pragma_table_info('`+table+`')`), ", ")
}

func TestDjango_ReadsItsRows(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	s := openMigrated(t, path)
	var active int64
	users, err := s.ListUsers(t.Context(), user.Query{}, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	rows := runSQL(t, path, "SELECT id, username, created_at||'', updated_at||'', is_active, address IS NULL, first_name IS NULL FROM t_users ORDER BY created_at DESC, id DESC")
	if len(rows) != len(users) {
		t.Fatalf("got %d users of %d rows", len(users), len(rows))
	}
	for i, u := range users {
		got := fmt.Sprintf("%d|%s|%s|%s|%d|%d|%d", u.ID, u.Username, u.CreatedAt.Format("2006-01-02 15:04:05.000000"),
			u.UpdatedAt.Format("2006-01-02 15:04:05.000000"), bit(u.IsActive), bit(!u.Address.Valid), bit(!u.FirstName.Valid))
		if got != rows[i] {
			t.Errorf("got %s, want %s", got, rows[i])
		}
		active += bit(u.IsActive)
	}
	wantCounts(t, s, int64(len(rows)), active)
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func TestDjango_NothingElseChanges(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	const tables = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'roster%' ORDER BY name"
	const ids = "SELECT name, seq FROM sqlite_sequence WHERE name NOT LIKE 'roster%' ORDER BY name"
	before, schema, highest := content(t, path, "sqlite_sequence"), runSQL(t, path, tables), runSQL(t, path, ids)
	s := openMigrated(t, path)
	if diff := cmp.Diff(schema, runSQL(t, path, tables)); diff != "" {
		t.Errorf("tables and indexes that are not ours: %s", diff)
	}
	highest[slices.Index(highest, "auth_permission|52")] = "auth_permission|53"
	if got := runSQL(t, path, ids); !slices.Equal(got, highest) {
		t.Errorf("got highest ids %v, want %v", got, highest)
	}
	if got := runSQL(t, path, "DELETE FROM auth_permission WHERE codename = 'mail_tuser' RETURNING id"); len(got) != 1 {
		t.Errorf("got %v, want the one permission of Roster", got)
	}
	if after := content(t, path, "sqlite_sequence"); !maps.Equal(before, after) {
		t.Errorf("got %v after adopting, want %v", after, before)
	}
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	edit(t, s, 1, func(u *user.User) { u.Phone, u.UpdatedAt, u.IsActive = form.Text{}, at, true })
	delete(before, "t_users")
	if after := content(t, path, "sqlite_sequence", "t_users"); !maps.Equal(before, after) {
		t.Errorf("got %v after an edit, want the other tables untouched: %v", after, before)
	}
	pristine := djangoFile(t)
	others := "SELECT " + literals(t, path, "t_users") + " FROM t_users WHERE id <> 1"
	if got, want := runSQL(t, path, others), runSQL(t, pristine, others); !slices.Equal(got, want) {
		t.Error("rows that were not edited changed")
	}
	const one = "SELECT typeof(created_at), created_at||'', typeof(updated_at), updated_at||'', typeof(is_active), is_active, typeof(phone) FROM t_users WHERE id = 1"
	want := []string{"text|2026-11-23 09:29:39.616550|text|2026-11-23 10:00:00|integer|1|null"}
	if got := runSQL(t, path, one); !slices.Equal(got, want) {
		t.Errorf("got %v, want Django's formats: %v", got, want)
	}
}

// TestDjango_AppsMissing has a system without the schedules and the log of the
// admin site: they are made, and what is there stays.
func TestDjango_AppsMissing(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	for _, table := range runSQL(t, path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'django_celery_beat%' OR name = 'django_admin_log'") {
		if err := sqlite.Load(path, "DROP TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	err := sqlite.Load(path, `DELETE FROM auth_permission WHERE content_type_id IN (SELECT id FROM django_content_type WHERE app_label = 'django_celery_beat');
		DELETE FROM django_content_type WHERE app_label = 'django_celery_beat'`)
	if err != nil {
		t.Fatal(err)
	}
	before := content(t, path, "sqlite_sequence", "auth_permission", "django_content_type")
	s := openMigrated(t, path)
	wantCounts(t, s, 297, 237)
	wantMigrated(t, path)
	after := content(t, path, "sqlite_sequence", "auth_permission", "django_content_type")
	maps.DeleteFunc(after, func(table, _ string) bool { return before[table] == "" })
	if !maps.Equal(before, after) {
		t.Errorf("got %v, want the other tables untouched: %v", after, before)
	}
}

// edit changes the user with that id.
func edit(t testing.TB, s *store.Store, id int64, change func(*user.User)) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		before, err := tx.FindUser(id)
		if err != nil {
			return err
		}
		after := before
		change(&after)
		_, err = tx.UpdateUser(before, after)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDjango_IdsGoOn(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	s := openMigrated(t, path)
	for _, want := range []int64{301, 302} { // 300 was the highest, and is deleted
		var id int64
		err := s.InTx(t.Context(), func(tx user.Tx) (err error) {
			u, err := tx.InsertUser(someone("new"))
			id = u.ID
			if err == nil {
				err = tx.DeleteUsers(user.Deletion{}, u)
			}
			return err
		})
		if err != nil || id != want {
			t.Errorf("got id %d, %v; want %d", id, err, want)
		}
	}
	if got := runSQL(t, path, "SELECT seq FROM sqlite_sequence WHERE name = 't_users'"); !slices.Equal(got, []string{"302"}) {
		t.Errorf("got sqlite_sequence %v, want 302", got)
	}
}

func TestDjango_OddValues(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	s := openMigrated(t, path)
	for _, stored := range []struct{ created, want string }{
		{"2025-11-21 10:30:00", "2025-11-21T10:30:00Z"},
		{"2025-11-21 10:30:00.5", "2025-11-21T10:30:00.5Z"},
		{"2025-11-21 10:30:00.123456789", "2025-11-21T10:30:00.123456Z"},
		{"2025-11-21T10:30:00+01:30", "2025-11-21T09:00:00Z"},
	} {
		runSQL(t, path, "UPDATE t_users SET created_at = '"+stored.created+"', first_name = 'e\u0301', last_name = 'é', phone = x'3132' WHERE id = 2")
		u, err := s.FindUser(t.Context(), 2)
		if got := u.CreatedAt.Format(time.RFC3339Nano); err != nil || got != stored.want {
			t.Errorf("%s: got %s, %v; want %s", stored.created, got, err, stored.want)
		}
		if u.FirstName.String != "e\u0301" || u.LastName.String != "é" || u.Phone.String != "12" {
			t.Errorf("got %q %q %q, want both forms of é kept apart and a blob as text", u.FirstName.String, u.LastName.String, u.Phone.String)
		}
	}
	runSQL(t, path, "UPDATE t_users SET created_at = 'yesterday', is_active = 'maybe' WHERE id = 2")
	u, err := s.FindUser(t.Context(), 2)
	if got := u.Unreadable.String(); err != nil || got != `is_active "maybe", created_at "yesterday"` || u.LastName.String != "é" {
		t.Errorf("got %s, %v, want all but two columns", got, err)
	}
}

// TestDjango_RebuildsTheTable has Django change the table as its migrations do
// on SQLite, by recreating it, with other columns in another order, while it
// is open.
func TestDjango_RebuildsTheTable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := openMigrated(t, path)
	for n, column := range []string{"", `, "nickname" text NULL`, `, "nickname" text NULL, "rank" integer NOT NULL DEFAULT 1`} {
		if err := insertOne(t, s, n); err != nil {
			t.Errorf("with%s: %v", column, err)
		}
		u, err := s.FindUser(t.Context(), int64(n+1))
		if want := fmt.Sprint("user", n); err != nil || u.Username != want || u.Email != want+"@example.com" {
			t.Errorf("with%s: got %q %q, %v; want %s", column, u.Username, u.Email, err, want)
		}
		wantCounts(t, s, int64(n+1), int64(n+1))
		columns := "id, username, email, first_name, last_name, phone, address, is_active, created_at, updated_at"
		err = sqlite.Load(path, `BEGIN IMMEDIATE;
			CREATE TABLE "new__t_users" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT`+column+`,
				"updated_at" datetime NOT NULL, "created_at" datetime NOT NULL, "is_active" bool NOT NULL, "address" text NULL,
				"phone" varchar(20) NULL, "last_name" varchar(100) NULL, "first_name" varchar(100) NULL,
				"email" varchar(255) NOT NULL UNIQUE, "username" varchar(100) NOT NULL UNIQUE);
			INSERT INTO new__t_users (`+columns+`) SELECT `+columns+` FROM t_users;
			DROP TABLE t_users;
			ALTER TABLE new__t_users RENAME TO t_users;
			COMMIT`)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDjango_SqliteShellAgrees checks the file with SQLite's own program when
// it is installed: that is another build of SQLite, as Django's is.
func TestDjango_SqliteShellAgrees(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("the program sqlite3 is not installed")
	}
	path := djangoFile(t)
	s := openMigrated(t, path)
	edit(t, s, 5, func(u *user.User) { u.LastName = form.TextOf("😀") })
	out, err := exec.CommandContext(t.Context(), shell, path, "PRAGMA integrity_check; SELECT last_name FROM t_users WHERE id = 5").CombinedOutput()
	if got := string(out); err != nil || got != "ok\n😀\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
