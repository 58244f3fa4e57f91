package e2e_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"roster/internal/store/storetest"
)

// django runs testdata/django/system.py on the database that settings name, and
// returns what it printed.
type django struct {
	t        *testing.T
	settings []string
	python   string
}

// Programs that fail where what the tests need is not installed.
const (
	hasDjango = "import django, sys; sys.exit(django.VERSION < (4, 2))"
	hasMySQL  = "import importlib.util as u, sys; sys.exit(not (u.find_spec('MySQLdb') or u.find_spec('pymysql')))"
)

// newDjango uses the Python of TEST_DJANGO_PYTHON, which must have Django 4.2;
// without one, it skips the test where python3 has none.
func newDjango(t *testing.T, settings []string) *django {
	t.Helper()
	d := &django{t, settings, os.Getenv("TEST_DJANGO_PYTHON")}
	if d.python != "" {
		return d
	}
	if os.Getenv("ROSTER_DRILL") == "long" {
		t.Fatal("TEST_DJANGO_PYTHON is not set: make drill sets it")
	}
	d.python = "python3"
	if exec.CommandContext(t.Context(), d.python, "-c", hasDjango).Run() != nil {
		t.Skip("python3 has no Django 4.2 or later")
	}
	if d.onMySQL() && exec.CommandContext(t.Context(), d.python, "-c", hasMySQL).Run() != nil {
		t.Skip("python3 has no driver for MySQL")
	}
	return d
}

func (d *django) onMySQL() bool {
	return strings.Contains(strings.Join(d.settings, "\n"), "DB_ENGINE=mysql")
}

func (d *django) run(words ...string) string {
	d.t.Helper()
	return d.runFile("system.py", words...)
}

// runFile runs a program of testdata/django.
func (d *django) runFile(name string, words ...string) string {
	d.t.Helper()
	cmd := exec.CommandContext(d.t.Context(), d.python, append([]string{"testdata/django/" + name}, words...)...)
	cmd.Env = append(os.Environ(), append(d.settings, "PYTHONDONTWRITEBYTECODE=1", "PYTHONWARNINGS=ignore")...)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("Django, %v: %v: %s%s", words, err, out, &problems)
	}
	return strings.TrimSpace(string(out))
}

func (d *django) want(want string, words ...string) {
	d.t.Helper()
	if got := d.run(words...); got != want {
		d.t.Errorf("Django, %v: got %q, want %q", words, got, want)
	}
}

// load makes the database that Django has made and used.
func (d *django) load() {
	d.t.Helper()
	db, script := d.open()
	if _, err := db.ExecContext(d.t.Context(), script); err != nil {
		d.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *django) open() (db *sql.DB, script string) {
	d.t.Helper()
	name := ""
	for _, setting := range d.settings {
		if value, ok := strings.CutPrefix(setting, "DB_NAME="); ok {
			name = value
		}
	}
	if d.onMySQL() {
		parts := sharedMySQL(d.t).parts()
		db, err := openMySQL(parts[0] + name + parts[3])
		if err != nil {
			d.t.Fatal(err)
		}
		return db, storetest.DjangoOnMySQL
	}
	db, err := openSQLite(name)
	if err != nil {
		d.t.Fatal(err)
	}
	return db, storetest.DjangoOnSQLite
}

// TestDjango_ThereAndBack has Django work on its database before Roster, beside
// it, and after it.
func TestDjango_ThereAndBack(t *testing.T) {
	t.Parallel()
	onBoth(t, goThereAndBack)
}

func goThereAndBack(t *testing.T, settings []string) {
	t.Helper()
	d := newDjango(t, settings)
	d.load()
	d.run("migrate", "--check")
	schedules := d.run("schedules")
	s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true")...)
	id := s.create("from_roster")
	s.expect(http.StatusOK, http.MethodPatch, fmt.Sprintf("/api/users/%d/", id), `{"is_active": false}`)
	d.want(fmt.Sprint(id, " from_roster@example.com False 0:00:00 True"), "show", "from_roster")
	d.run("rename", "from_roster", "by Django")
	s.wantName(id, "by Django")
	created := d.run("create", "from_django")
	s.expect(http.StatusOK, http.MethodGet, "/api/users/"+created+"/", "")
	s.signal(syscall.SIGTERM)
	s.wait()
	d.run("migrate", "--check")
	d.run("migrate") // and to run it changes nothing
	d.want("13 53\nyes", "rows")
	d.want("boss", "login", "boss", "Corr3ct-horse-staple")
	d.want(schedules, "schedules")
	d.want(fmt.Sprint(id, " from_roster@example.com False 0:00:00 True"), "show", "from_roster")
}

// TestDjango_OnOurs has Django begin on a database that Roster made.
func TestDjango_OnOurs(t *testing.T) {
	t.Parallel()
	onBoth(t, beginOnOurs)
}

func beginOnOurs(t *testing.T, settings []string) {
	t.Helper()
	d := newDjango(t, settings)
	s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true")...)
	id := s.create("from_roster")
	d.run("migrate", "--fake")
	d.run("migrate", "--check")
	d.want("13 53\nyes", "rows")
	d.want(fmt.Sprint(id, " from_roster@example.com True 0:00:00 True"), "show", "from_roster")
	d.run("staff", "boss")
	d.want("boss", "login", "boss", "Corr3ct-horse-staple")
	d.want("None", "login", "boss", "wrong")
	created := d.run("create", "from_django")
	s.expect(http.StatusOK, http.MethodGet, "/api/users/"+created+"/", "")
}

// wantName checks the first name of a user.
func (s *server) wantName(id int64, want string) {
	s.t.Helper()
	if _, text := s.call(http.MethodGet, fmt.Sprintf("/api/users/%d/", id), ""); !strings.Contains(text, `"first_name":"`+want+`"`) {
		s.t.Errorf("got %s, want the first name %s", text, want)
	}
}
