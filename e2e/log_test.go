package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// personal are values that stand nowhere else.
var personal = []string{"zquixote", "zqmail", "Zqfirst", "Zqlast", "555-0199-77", "Zqstreet"}

// TestLog_NoPersonalData: the log records what happened to which user, by id
// and actor, and nothing about the person.
func TestLog_NoPersonalData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startJSONServer(t, dir)
	const person = `{"username":"zquixote","email":"zqmail@example.com","first_name":"Zqfirst","last_name":"Zqlast","phone":"555-0199-77","address":"Zqstreet 1"}`
	for _, step := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/api/users/", person, 201},
		{"POST", "/api/users/", person, 400},
		{"POST", "/api/users/", person[:40], 400},
		{"PUT", "/api/users/1/", person, 200},
		{"PATCH", "/api/users/1/", `{"address":"Zqstreet 2"}`, 200},
		{"PATCH", "/api/users/1/", `{"email":"zqmail"}`, 400},
		{"GET", "/api/users/?search=" + url.QueryEscape("zqmail@example.com"), "", 200},
		{"GET", "/api/users/1/?format=api", "", 200},
		{"DELETE", "/api/users/1/", "", 204},
		{"DELETE", "/api/users/1/", "", 404},
	} {
		if status, text := s.call(step.method, step.path, step.body); status != step.want {
			t.Errorf("%s %s: got %d %s, want %d", step.method, step.path, status, text, step.want)
		}
	}
	if got := s.stop(); got != 0 {
		t.Errorf("exit status: got %d, want 0", got)
	}
	app := readFile(t, dir, "logs/app.log")
	for _, text := range personal {
		for name, log := range map[string]string{"app.log": app, "standard error": s.logged()} {
			if strings.Contains(strings.ToLower(log), strings.ToLower(text)) {
				t.Errorf("%s holds %q:\n%s", name, text, log)
			}
		}
	}
	checkEvents(t, app)
	if got := readFile(t, dir, "logs/error.log"); got != "" {
		t.Errorf("error.log: got %q, want nothing", got)
	}
}

// checkEvents finds what was done to user 1, by id and actor.
func checkEvents(t *testing.T, app string) {
	t.Helper()
	done := map[string]int{}
	for _, record := range records(t, app) {
		if record["component"] != "users" {
			continue
		}
		done[fmt.Sprint(record["msg"])]++
		if fmt.Sprint(record["id"]) != "1" || record["actor"] == nil || record["request"] == nil {
			t.Errorf("got %v, want the id of the user, the actor and the request", record)
		}
	}
	want := map[string]int{"user created": 1, "user updated": 2, "user deleted": 1}
	if fmt.Sprint(done) != fmt.Sprint(want) {
		t.Errorf("events: got %v, want %v", done, want)
	}
}

// records are the lines of a log in JSON.
func records(t *testing.T, log string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		for _, name := range []string{"time", "level", "msg", "component"} {
			if record[name] == nil {
				t.Errorf("no %s in %q", name, line)
			}
		}
		all = append(all, record)
	}
	return all
}

// TestLog_ErrorLog: error.log has what failed, and nothing else.
func TestLog_ErrorLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startJSONServer(t, dir)
	s.create("before")
	db, err := openSQLite(filepath.Join(dir, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "DROP TABLE t_users"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	status, text := s.call(http.MethodGet, "/api/users/1/", "")
	if status < 500 || strings.Contains(text, "t_users") || strings.Contains(text, "SQL") {
		t.Errorf("without the table: got %d %s, want 5xx without internal details", status, text)
	}
	if status, _ := s.call(http.MethodGet, "/readyz", ""); status != http.StatusServiceUnavailable {
		t.Errorf("readyz without the table: got %d, want 503", status)
	}
	if got := s.stop(); got != 0 {
		t.Errorf("exit status: got %d, want 0", got)
	}
	severe := readFile(t, dir, "logs/error.log")
	for _, record := range records(t, severe) {
		if record["level"] != "ERROR" {
			t.Errorf("error.log holds %v", record)
		}
	}
	app := readFile(t, dir, "logs/app.log")
	if severe == "" || !strings.Contains(app, severe[:strings.IndexByte(severe, '\n')]) {
		t.Errorf("error.log: got %q, want errors that app.log has too", severe)
	}
}
