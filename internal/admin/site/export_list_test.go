package site_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/form"
	"roster/internal/user"
)

// exported are the records of an export as CSV, the names of the columns first.
func (f *fixture) exported(query string) [][]string {
	f.t.Helper()
	w := f.get("/admin/users/tuser/export/csv/" + query)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") ||
		w.Header().Get("Content-Disposition") != `attachment; filename="tuser-20261123-120000.csv"` {
		f.t.Fatalf("%s: got %d, %v", query, w.Code, w.Header())
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		f.t.Fatal(err)
	}
	return rows
}

func TestExport_CSV(t *testing.T) {
	t.Parallel()
	onEngines(t, checkExport)
}

func checkExport(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(60)
	rows := f.exported("?q=user5&o=-1&is_active__exact=0&cols=is_active&cols=created_at&per_page=25")
	want := "username,is_active,created_at user57,false,2026-11-20T12:00:00Z user54,false,2026-11-17T12:00:00Z user51,false,2026-11-14T12:00:00Z"
	var got []string
	for _, row := range rows {
		got = append(got, strings.Join(row, ","))
	}
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if n := len(f.exported("")); n != 61 {
		t.Errorf("everybody: got %d rows, want 61", n)
	}
}

// TestExport_Many exports more users than are put in order: each once, by ids.
func TestExport_Many(t *testing.T) {
	t.Parallel()
	const all = 6001
	f := newFixture(t)
	f.insert(all)
	rows := f.exported("?q=user&cols=id")
	if len(rows) != all+1 || rows[1][0] != "user1" || rows[all][1] != "6001" {
		t.Errorf("got %d rows, from %v to %v", len(rows), rows[1], rows[len(rows)-1])
	}
}

// TestCSVText_Formulas shows the same of values that are more than text, and
// leaves numbers alone.
func TestCSVText_Formulas(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"'=1": shown.Link{Text: "=1"}, "'+1": shown.Badge{Text: "+1"}, "'@1": shown.Object{Name: "@1"}, "one": shown.Link{Text: "one"}, "-1": -1, "-2": int64(-2),
	} {
		if got := site.CSVText(value); got != want {
			t.Errorf("%#v: got %q, want %q", value, got, want)
		}
	}
}

// TestExport_Formulas shows that no spreadsheet takes a text for a formula.
func TestExport_Formulas(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i, text := range []string{"=1+1", "+49 1", "-1", "@SUM(A1)", "\tx", "＝1", "a=1", "'", ""} {
		name := "user" + string(rune('a'+i))
		u := user.User{Username: name, Email: name + "@example.com", FirstName: form.TextOf(text), CreatedAt: now, UpdatedAt: now}
		if err := f.store.InTx(t.Context(), func(tx user.Tx) error { _, err := tx.InsertUser(u); return err }); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, row := range f.exported("?o=1&cols=first_name")[1:] {
		got = append(got, row[1])
	}
	if text, want := strings.Join(got, "|"), "'=1+1|'+49 1|'-1|'@SUM(A1)|'\tx|'＝1|a=1|'|"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
}

func TestExport_JSON(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	read := func(query string) (rows []map[string]any) {
		t.Helper()
		w := f.get("/admin/users/tuser/export/json/" + query)
		if err := json.Unmarshal(w.Body.Bytes(), &rows); err != nil || w.Code != http.StatusOK {
			t.Fatalf("got %d, %v: %s", w.Code, err, w.Body)
		}
		return rows
	}
	if rows := read(""); len(rows) != 0 {
		t.Errorf("anonymous: got %v", rows)
	}
	f.insert(3)
	rows := read("?cols=id&cols=is_active&cols=last_name&o=1")
	if len(rows) != 3 || rows[2]["username"] != "user3" || rows[2]["id"] != 3.0 || rows[2]["is_active"] != false || rows[2]["last_name"] != nil || len(rows[2]) != 4 {
		t.Errorf("got %v", rows)
	}
}

func TestExport_Refuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, path := range []string{"export/xml/", "export/csv/?nonsense=1", "export/"} {
		if code := f.get("/admin/users/tuser/" + path).Code; code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, code)
		}
	}
	if w := f.get("/admin/users/tuser/export/csv/?q=a+b+c+d+e+f+g+h+i+j+k"); w.Code != http.StatusBadRequest || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("too many words: got %d, %v", w.Code, w.Header())
	}
	f.handler = f.handlerFor(staff(access.ChangeUser))
	if code := f.get("/admin/users/tuser/export/csv/").Code; code != http.StatusForbidden {
		t.Errorf("without permission: got %d, want 403", code)
	}
}
