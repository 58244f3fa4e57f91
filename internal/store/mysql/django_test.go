package mysql_test

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/user"
)

// openDjango returns a store on a table that Django made and filled.
func openDjango(t *testing.T) (*store.Store, store.MySQLOptions) {
	t.Helper()
	o := mysqltest.NewDatabase(t)
	loadDjango(t, o)
	return openMigrated(t, o), o
}

func TestDjango_ReadsItsRows(t *testing.T) {
	t.Parallel()
	s, o := openDjango(t)
	want := mysqltest.Rows(t, mysqltest.Connect(t, o.Database), "SELECT * FROM t_users ORDER BY created_at DESC, id DESC")
	users, err := s.ListUsers(t.Context(), user.Query{}, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var active int64
	for _, u := range users {
		got = append(got, line(u))
		active += bit(u.IsActive)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 200 {
		t.Errorf("%d rows: %s", len(got), diff)
	}
	wantTotal(t, s, int64(len(want)))
	if n, err := s.CountActiveUsers(t.Context()); err != nil || n != active {
		t.Errorf("CountActiveUsers: got %d, %v; want %d", n, err, active)
	}
}

// line writes a user as mysqltest.Rows does.
func line(u user.User) string {
	text := func(t form.Text) string {
		if !t.Valid {
			return "NULL"
		}
		return t.String
	}
	const micros = "2006-01-02 15:04:05.000000"
	return fmt.Sprintf("%d|%s|%s|%s|%s|%s|%s|%d|%s|%s", u.ID, u.Username, u.Email, text(u.FirstName), text(u.LastName), text(u.Phone),
		text(u.Address), bit(u.IsActive), u.CreatedAt.Format(micros), u.UpdatedAt.Format(micros))
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func TestDjango_NothingElseChanges(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	loadDjango(t, o)
	db := mysqltest.Connect(t, o.Database)
	tables, contents := showTables(t, o.Database), content(t, o.Database)
	before, ids := mysqltest.Rows(t, db, "SELECT * FROM t_users ORDER BY id"), mysqltest.Rows(t, db, highestIDs)
	s := openMigrated(t, o)
	if diff := cmp.Diff(tables, showTables(t, o.Database)); diff != "" {
		t.Errorf("tables that are not ours: %s", diff)
	}
	mysqltest.Exec(t, db, "DELETE FROM auth_permission WHERE codename = 'mail_tuser'") // the one row that Roster adds
	if diff := cmp.Diff(contents, content(t, o.Database)); diff != "" {
		t.Errorf("rows of tables that are not ours: %s", diff)
	}
	if diff := cmp.Diff(ids, mysqltest.Rows(t, db, highestIDs)); diff != "" {
		t.Errorf("where ids go on: %s", diff)
	}
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		u, err := tx.FindUser(1)
		if err != nil {
			return err
		}
		after := u
		after.Phone, after.IsActive, after.UpdatedAt = form.Text{}, true, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		_, err = tx.UpdateUser(u, after)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	after := mysqltest.Rows(t, db, "SELECT * FROM t_users ORDER BY id")
	before[0] = "1|ada.0|ada.0@example.com|Ada|Lovelace|NULL|0 High St\nFlat \"0\"|1|2026-11-23 09:29:53.956698|2026-11-23 10:00:00.000000"
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	delete(contents, "t_users")
	edited := content(t, o.Database)
	delete(edited, "t_users")
	if diff := cmp.Diff(contents, edited); diff != "" {
		t.Errorf("rows of tables that were not edited: %s", diff)
	}
}

// TestDjango_AppsMissing has a system without the schedules and the log of the
// admin site: they are made, and what is there stays.
func TestDjango_AppsMissing(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	loadDjango(t, o)
	db := mysqltest.Connect(t, o.Database)
	mysqltest.Exec(t, db, "SET FOREIGN_KEY_CHECKS = 0; DROP TABLE django_celery_beat_periodictask, django_celery_beat_periodictasks,"+
		" django_celery_beat_crontabschedule, django_celery_beat_intervalschedule, django_celery_beat_clockedschedule,"+
		" django_celery_beat_solarschedule, django_admin_log; SET FOREIGN_KEY_CHECKS = 1;"+
		" DELETE p FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id WHERE t.app_label = 'django_celery_beat';"+
		" DELETE FROM django_content_type WHERE app_label = 'django_celery_beat'")
	before := content(t, o.Database)
	wantTotal(t, openMigrated(t, o), 297)
	if got := len(showTables(t, o.Database)); got != 17 { // with django_migrations
		t.Errorf("got %d tables, want Django's 17", got)
	}
	if got := mysqltest.Rows(t, db, "SELECT COUNT(*) FROM auth_permission"); got[0] != "53" {
		t.Errorf("got %v permissions, want 53", got)
	}
	after := content(t, o.Database)
	for _, table := range []string{"auth_permission", "django_content_type"} {
		delete(before, table)
	}
	maps.DeleteFunc(after, func(table, _ string) bool { return before[table] == "" })
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("rows of the other tables: %s", diff)
	}
}

// highestIDs returns where the ids of every table but ours go on. The hint
// has MySQL not answer from what it remembers.
const highestIDs = "SELECT /*+ SET_VAR(information_schema_stats_expiry=0) */ table_name, auto_increment FROM information_schema.tables" +
	" WHERE table_schema = DATABASE() AND table_name NOT LIKE 'roster%' ORDER BY table_name"

// content returns the checksum of the rows of every table but ours.
func content(t *testing.T, database string) map[string]string {
	t.Helper()
	db := mysqltest.Connect(t, database)
	sums := make(map[string]string)
	for table := range showTables(t, database) {
		sums[table] = mysqltest.Rows(t, db, "CHECKSUM TABLE "+table)[0]
	}
	return sums
}

func TestDjango_IdsGoOn(t *testing.T) {
	t.Parallel()
	s, _ := openDjango(t)
	for i, want := range []int64{301, 302} {
		if id := insert(t, s, fmt.Sprint("new", i)); id != want {
			t.Errorf("got id %d, want %d", id, want)
		}
	}
}

// TestDjango_StricterNames has the collation of Django's table call names
// equal that differ: the field is named, as if they were the same.
func TestDjango_StricterNames(t *testing.T) {
	t.Parallel()
	s, _ := openDjango(t)
	users := user.NewUsers(s, time.Now, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		username, email string
		want            []string
	}{
		{"ADA.0", "new@example.com", []string{"username"}},
		{"Ádà.0", "new@example.com", []string{"username"}},
		{"new", "grace.1@example.com", []string{"email"}},
		{"ZOE.2", "grace.1@example.com", []string{"username", "email"}},
		{"ada.0 ", "new@example.com", []string{"username"}}, // the blank is trimmed
	} {
		_, err := users.Create(t.Context(), access.AllowAny.Anonymous(), input(c.username, c.email))
		var got []string
		if invalid, ok := errors.AsType[*fault.Error](err); ok {
			for _, field := range invalid.Fields {
				got = append(got, field.Name)
			}
		}
		if fault.KindOf(err) != fault.Invalid || !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: got %v of %v, want faults of %v", c.username, c.email, err, got, c.want)
		}
	}
}

func input(username, email string) form.Input {
	return form.Input{"username": {Kind: form.String, Text: username}, "email": {Kind: form.String, Text: email}}
}
