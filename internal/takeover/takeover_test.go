package takeover_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/finding"
	"roster/internal/form"
	"roster/internal/takeover"
)

// fake is a database in memory.
type fake struct {
	takeover.Database
	rows map[string][]map[string]string // by table; a column left out is NULL
	fail string                         // the table that cannot be read
}

var errBroken = errors.New("the database is broken")

// source is a takeover.Source on a fake.
type source struct{ *fake }

func (s source) Database(context.Context) (takeover.Database, error) {
	if s.fail == "schema" {
		return takeover.Database{}, errBroken
	}
	return s.fake.Database, nil
}

func (s source) Each(_ context.Context, table string, columns []string, visit func(takeover.Row) error) error {
	if table == s.fail {
		return errBroken
	}
	for i, row := range s.rows[table] {
		values := make([]form.Text, len(columns))
		for at, column := range columns {
			if text, ok := row[column]; ok {
				values[at] = form.TextOf(text)
			}
		}
		if err := visit(takeover.Row{ID: int64(i + 1), Values: values}); err != nil {
			return err
		}
	}
	return nil
}

// columns are those that the rules read, of tables as a healthy database has them.
var columns = map[string][]string{
	"t_users":                             {"username", "email", "first_name", "last_name", "phone", "address", "is_active", "created_at", "updated_at"},
	"auth_user":                           {"password", "is_superuser", "is_staff", "is_active", "last_login", "date_joined"},
	"django_celery_beat_crontabschedule":  {"minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone"},
	"django_celery_beat_intervalschedule": {"every", "period"},
	"django_celery_beat_clockedschedule":  {"clocked_time"},
	"django_celery_beat_solarschedule":    {"event", "latitude", "longitude"},
	"django_celery_beat_periodictask": {
		"name", "task", "enabled", "args", "kwargs", "one_off", "total_run_count", "start_time", "expires", "last_run_at", "date_changed",
		"crontab_id", "interval_id", "clocked_id", "solar_id",
	},
}

// healthy returns a database in which nothing is wrong, whose only user is
// a superuser.
func healthy() *fake {
	f := &fake{
		Database: takeover.Database{Engine: takeover.MySQL, Version: "9.7", Tables: tables(), Expected: tables(), Triggers: []string{"roster_search_insert", "roster_search_update"}},
		rows:     map[string][]map[string]string{"auth_user": {account("pbkdf2_sha256$600000$salt$hash", nil)}},
	}
	f.Tables["django_migrations"] = table("app", "name")
	return f
}

func tables() map[string]takeover.Table {
	all := make(map[string]takeover.Table)
	for name, columns := range columns {
		all[name] = table(columns...)
	}
	return all
}

func table(columns ...string) takeover.Table {
	t := takeover.Table{Columns: []takeover.Column{{Name: "id", Type: "int", Default: true, Counts: true}}}
	for _, name := range columns {
		t.Columns = append(t.Columns, takeover.Column{Name: name, Type: "varchar(100)"})
	}
	t.Indexes = []takeover.Index{{Columns: []string{"id"}, Unique: true}, {Columns: columns[:1], Unique: true}, {Columns: columns}}
	return t
}

// with returns row with other values; "NULL" takes one away.
func with(row, changes map[string]string) map[string]string {
	row = maps.Clone(row)
	maps.Copy(row, changes)
	maps.DeleteFunc(row, func(_, value string) bool { return value == "NULL" })
	return row
}

func account(password string, changes map[string]string) map[string]string {
	return with(map[string]string{
		"password": password, "is_superuser": "1", "is_staff": "1", "is_active": "1", "date_joined": "2026-11-23 10:00:00.000000",
	}, changes)
}

// inspect returns the report on a database.
func inspect(t *testing.T, f *fake) takeover.Report {
	t.Helper()
	r, err := takeover.Inspect(t.Context(), source{f},
		takeover.Options{Recycle: 24 * time.Hour, Now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Kinds: []string{"generate_daily_report", "noop"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines returns the findings that are not usual, each as severity, id, title,
// count and examples.
func lines(r takeover.Report) (lines []string) {
	for _, f := range r.Findings {
		switch f.ID {
		case "users.count", "accounts.count", "accounts.password.pbkdf2_sha256":
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s (%d) %s", f.Severity, f.ID, f.Title, f.Count, strings.Join(f.Examples, "; ")))
	}
	return lines
}

func wantLines(t *testing.T, f *fake, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, lines(inspect(t, f))); diff != "" {
		t.Error(diff)
	}
}

func TestInspect_Healthy(t *testing.T) {
	t.Parallel()
	r := inspect(t, healthy())
	if got := lines(r); len(got) != 0 {
		t.Errorf("got %q, want nothing", got)
	}
	if got := r.Verdict(); got != "Roster can take over this database." {
		t.Errorf("got %q", got)
	}
}

func TestInspect_Empty(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.Tables = map[string]takeover.Table{"shop_order": {}, "roster_migrations": {}}
	wantLines(t, f, "error schema.empty: There are no Django tables (0) ")
}

func TestInspect_GravestFirst(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.Tables["shop_order"] = takeover.Table{}
	delete(f.Tables, "auth_user")
	delete(f.Tables, "t_users")
	r := inspect(t, f)
	if !slices.IsSortedFunc(r.Findings, func(a, b finding.Finding) int { return int(b.Severity - a.Severity) }) || r.Findings.Count(finding.Error) != 1 {
		t.Errorf("got %q", lines(r))
	}
}

func TestInspect_CannotRead(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"schema", "django_migrations", "t_users", "auth_user",
		"django_celery_beat_periodictask", "django_celery_beat_crontabschedule"} {
		f := healthy()
		f.fail = what
		if _, err := takeover.Inspect(t.Context(), source{f}, takeover.Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v, want the failure", what, err)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	e, w, i := finding.Finding{Severity: finding.Error}, finding.Finding{Severity: finding.Warning}, finding.Finding{Severity: finding.Info}
	for _, c := range []struct {
		findings []finding.Finding
		want     string
	}{
		{nil, "Roster can take over this database."},
		{[]finding.Finding{i}, "Roster can take over this database."},
		{[]finding.Finding{w, w, i}, "Roster can take over this database; read the warnings (2) first."},
		{[]finding.Finding{e, w}, "1 error must be fixed before Roster can take over this database."},
		{[]finding.Finding{e, e}, "2 errors must be fixed before Roster can take over this database."},
	} {
		if got := (takeover.Report{Findings: c.findings}).Verdict(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestReport_JSON(t *testing.T) {
	t.Parallel()
	r := takeover.Report{Engine: "sqlite", Version: "3", Findings: []finding.Finding{
		{ID: "a.b", Severity: finding.Warning, Title: "T", Detail: "D", Remedy: "R", Count: 7, Examples: []string{"1", "2"}},
		{ID: "c", Title: "U"},
	}}
	want := `{"format":1,"engine":"sqlite","version":"3","ready":true,` +
		`"verdict":"Roster can take over this database; read the warnings (1) first.","errors":0,"warnings":1,"infos":1,"findings":[` +
		`{"id":"a.b","severity":"warning","title":"T","detail":"D","remedy":"R","count":7,"examples":["1","2"]},` +
		`{"id":"c","severity":"info","title":"U","detail":"","remedy":"","count":0,"examples":[]}]}`
	got, err := r.MarshalJSON()
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
