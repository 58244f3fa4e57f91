package mysql_test

import (
	"context"
	"crypto/rand"
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/store"
	"roster/internal/store/examine"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/takeover"
)

var update = flag.Bool("update", false, "update the golden files")

// database returns what takeover sees of a database.
func database(t *testing.T, o store.MySQLOptions) (d takeover.Database) {
	t.Helper()
	err := examine.MySQL(t.Context(), o, func(ctx context.Context, source takeover.Source) (err error) {
		d, err = source.Database(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// report returns what takeover finds in a database.
func report(t *testing.T, o store.MySQLOptions) (r takeover.Report) {
	t.Helper()
	err := examine.MySQL(t.Context(), o, func(ctx context.Context, source takeover.Source) (err error) {
		r, err = takeover.Inspect(ctx, source, storetest.TakeoverOptions)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTakeover_Expects compares what takeover expects with what Django made.
func TestTakeover_Expects(t *testing.T) {
	t.Parallel()
	theirs := mysqltest.NewDatabase(t)
	loadDjango(t, theirs)
	storetest.WantExpected(t, *update, takeover.MySQL, database(t, theirs).Tables)
	_, ours := openNew(t)
	storetest.WantExpected(t, *update, takeover.MySQL, database(t, ours).Tables)
}

// TestTakeover_Report reads with the right to read alone.
func TestTakeover_Report(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	loadDjango(t, o)
	reader := mysqltest.NewUser(t, o, "SELECT")
	before := content(t, o.Database)
	storetest.WantReport(t, *update, "takeover-healthy", report(t, reader))
	if diff := cmp.Diff(before, content(t, o.Database)); diff != "" {
		t.Errorf("the rows changed: %s", diff)
	}
	mysqltest.Exec(t, mysqltest.Connect(t, o.Database), storetest.SickOnMySQL)
	before = content(t, o.Database)
	storetest.WantReport(t, *update, "takeover-sick", report(t, reader))
	if diff := cmp.Diff(before, content(t, o.Database)); diff != "" {
		t.Errorf("the rows changed: %s", diff)
	}
}

func TestTakeover_Refused(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	o.Password = "wrong"
	err := examine.MySQL(t.Context(), o, func(context.Context, takeover.Source) error { return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "DB_USER, DB_PASSWORD: ") {
		t.Errorf("got %v, want the settings named", err)
	}
}

// TestTakeover_Settings looks that the server's own variables are read, not
// those of the connection.
func TestTakeover_Settings(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	got := database(t, o)
	want := mysqltest.Rows(t, mysqltest.Connect(t, o.Database), "SELECT @@global.sql_mode, @@global.wait_timeout, @@global.time_zone")[0]
	if s := got.Settings; s["sql_mode"]+"|"+s["wait_timeout"]+"|"+s["time_zone"] != want || len(s) != 13 {
		t.Errorf("got %v, want 13 with %s", s, want)
	}
}

// TestTakeover_Searches judges the triggers by the rights that users really have.
func TestTakeover_Searches(t *testing.T) {
	t.Parallel()
	s, o := openNew(t)
	role := "role_" + strings.ToLower(rand.Text()[:12])
	mysqltest.Admin(t, "CREATE ROLE "+role+"; GRANT TRIGGER ON "+o.Database+".* TO "+role)
	t.Cleanup(func() { mysqltest.Admin(t, "DROP ROLE "+role) })
	bearer := mysqltest.NewUser(t, o, "SELECT")
	mysqltest.Admin(t, "GRANT "+role+" TO "+bearer.User+"; SET DEFAULT ROLE ALL TO "+bearer.User)
	for what, c := range map[string]struct {
		o    store.MySQLOptions
		want bool
	}{
		"the database": {mysqltest.NewUser(t, o, "SELECT, TRIGGER"), true},
		"all":          {mysqltest.NewUser(t, o, "ALL"), true},
		"by a role":    {bearer, true},
		"not":          {mysqltest.NewUser(t, o, "SELECT, INSERT"), false},
	} {
		d := database(t, c.o)
		d.Settings["log_bin"] = "0" // of whatever server it is
		may := true
		for _, found := range takeover.JudgeSearches(d) {
			may = may && found.ID != "mysql.trigger"
		}
		if may != c.want || len(d.Triggers) != 0 {
			t.Errorf("%s: got %t with triggers %q by %q, want %t", what, may, d.Triggers, d.Grants, c.want)
		}
	}
	if err := s.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := takeover.JudgeSearches(database(t, o)); len(found) != 0 {
		t.Errorf("with the triggers of the index: got %+v, want nothing said", found)
	}
}
