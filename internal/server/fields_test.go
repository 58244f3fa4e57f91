package server_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/admin/resources"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/form"
	"roster/internal/server"
	"roster/internal/takeover"
	"roster/internal/user"
)

// layers has what a part of Roster knows of a user with a value in every field,
// by the names of fields. A part that leaves out a field lacks it.
type layers struct {
	served server.Served
	users  *user.Users
	full   user.User
}

// TestFields_EveryLayer goes through the fields of the struct User and fails for
// each part of Roster that does not know one of them.
func TestFields_EveryLayer(t *testing.T) {
	t.Parallel()
	l := newLayers(t)
	for name, of := range map[string]func(*testing.T) []string{
		"the table": l.table, "validation": l.validated, "SQL": l.stored, "answers": l.answered, "replays": l.replayed, "OpenAPI": l.described("User"),
		"the admin list and exports": l.exported, "the admin form": l.adminForm, "the takeover report": l.examined,
	} {
		wantFields(t, name, of(t), func(form.Field) bool { return true })
	}
	writable := func(f form.Field) bool { return !f.ReadOnly }
	for name, of := range map[string]func(*testing.T) []string{
		"the users page": l.usersPage, "the audit trail": l.recorded, "the input of OpenAPI": l.described("UserInput"),
	} {
		wantFields(t, name, of(t), writable)
	}
}

// wantFields fails for each of the fields of the struct that are not known.
func wantFields(t *testing.T, layer string, known []string, needed func(form.Field) bool) {
	t.Helper()
	for i := range reflect.TypeFor[user.User]().NumField() {
		if reflect.TypeFor[user.User]().Field(i).Type == reflect.TypeFor[user.Unreadable]() {
			continue // says something about the others
		}
		c := columnOf(i)
		if c == nil {
			t.Fatalf("%s has no row in the table of internal/user/fields.go", reflect.TypeFor[user.User]().Field(i).Name)
		}
		if needed(c.Field) && !slices.Contains(known, c.Name) {
			t.Errorf("%s: %s is missing", layer, c.Name)
		}
	}
}

// columnOf returns the row of the table for a field of the struct, nil for none.
func columnOf(field int) *form.Column[user.User] {
	var u user.User
	at := reflect.ValueOf(&u).Elem().Field(field).Addr().Interface()
	table := user.Table()
	for i := range table {
		if table[i].At(&u) == at {
			return &table[i]
		}
	}
	return nil
}

// sample returns an input with a value for every field. number makes them different.
func sample(number string) form.Input {
	in := form.Input{}
	for _, f := range user.Table().Writable() {
		switch f.Type {
		case form.TypeBoolean:
			in[f.Name] = form.Value{Kind: form.Boolean, Bool: number == "1"}
		case form.TypeEmail:
			in[f.Name] = form.Value{Kind: form.String, Text: "user" + number + "@example.com"}
		default:
			in[f.Name] = form.Value{Kind: form.String, Text: f.Name + number}
		}
	}
	return in
}

func newLayers(t *testing.T) *layers {
	t.Helper()
	served := server.Serve(t, "127.0.0.1:8000", "LOG_DIR=", "LOG_LEVEL=CRITICAL", "DB_NAME="+t.TempDir()+"/db.sqlite3")
	l := &layers{served: served, users: user.NewUsers(served.Store, time.Now, slog.New(slog.DiscardHandler))}
	var err error
	if l.full, err = l.users.CreateOnce(t.Context(), system, "key", sample("1")); err != nil {
		t.Fatal(err)
	}
	return l
}

// set returns the fields that have the same value as the full user, which is not zero.
func (l *layers) set(u user.User) (names []string) {
	for _, c := range user.Table() {
		if value := c.Get(&u); value == c.Get(&l.full) && value != nil && !reflect.ValueOf(value).IsZero() {
			names = append(names, c.Name)
		}
	}
	return names
}

func (l *layers) table(*testing.T) []string { return user.Table().Names() }

func (l *layers) validated(t *testing.T) []string {
	t.Helper()
	change, faults := user.Validate(sample("1"), form.Create)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	names := l.set(user.Table().Apply(change, user.User{}))
	for _, f := range user.Table().Fields() {
		if f.ReadOnly { // nothing to validate
			names = append(names, f.Name)
		}
	}
	return names
}

func (l *layers) stored(t *testing.T) []string {
	t.Helper()
	found, err := l.served.Store.FindUser(t.Context(), l.full.ID)
	if err != nil {
		t.Fatal(err)
	}
	return l.set(found)
}

func (l *layers) replayed(t *testing.T) []string {
	t.Helper()
	again, err := l.users.CreateOnce(t.Context(), system, "key", sample("1"))
	if err != nil {
		t.Fatal(err)
	}
	return l.set(again)
}

// get returns what a path answers.
func (l *layers) get(t *testing.T, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	l.served.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func (l *layers) answered(t *testing.T) []string {
	t.Helper()
	var u user.User
	if err := user.Table().ParseJSON(l.get(t, "/api/users/1/?format=json"), &u); err != nil {
		t.Fatal(err)
	}
	return l.set(u)
}

func (l *layers) described(schema string) func(t *testing.T) []string {
	return func(t *testing.T) (names []string) {
		t.Helper()
		var document struct {
			Components struct {
				Schemas map[string]struct{ Properties map[string]any }
			}
		}
		if err := json.Unmarshal(l.get(t, "/openapi.json"), &document); err != nil {
			t.Fatal(err)
		}
		for name := range document.Components.Schemas[schema].Properties {
			names = append(names, name)
		}
		return names
	}
}

func (l *layers) usersPage(t *testing.T) (names []string) {
	t.Helper()
	page := string(l.get(t, "/users/"))
	for _, name := range user.Table().Names() {
		if strings.Contains(page, `name="`+name+`"`) {
			names = append(names, name)
		}
	}
	return names
}

func (l *layers) exported(t *testing.T) (names []string) {
	t.Helper()
	resource := resources.Users(resources.UserServices{Users: l.users, Subscriptions: user.NewSubscriptions(l.served.Store, auth.Keys{}, nil, nil)})
	record, err := resource.Source.Find(t.Context(), system, l.full.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range resource.Columns {
		if record.Values[column.Name] != nil {
			names = append(names, column.Name)
		}
	}
	return names
}

func (l *layers) adminForm(*testing.T) (names []string) {
	for _, set := range resources.Users(resources.UserServices{Users: l.users}).Fieldsets {
		for _, f := range set.Fields {
			if f.Name != "mailings" { // which has a table of its own
				names = append(names, f.Name)
			}
		}
	}
	return names
}

func (l *layers) recorded(t *testing.T) (names []string) {
	t.Helper()
	other, err := l.users.Create(t.Context(), system, sample("2"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = l.users.Update(t.Context(), system, other.ID, sample("3"), form.Partial); err != nil {
		t.Fatal(err)
	}
	if _, err = l.users.SetActive(t.Context(), system, user.Batch{IDs: []int64{other.ID}}, true); err != nil {
		t.Fatal(err)
	}
	rows, err := l.served.Store.FilterAudit(t.Context(), audit.Filter{ObjectID: other.ID, Action: audit.Update}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, change := range row.Changes {
			names = append(names, change.Field)
		}
	}
	return names
}

// asked is a takeover.Source that notes the columns of users that are read.
type asked struct{ columns []string }

func (*asked) Database(context.Context) (takeover.Database, error) {
	t := takeover.Table{}
	for _, name := range user.Table().Names() {
		t.Columns = append(t.Columns, takeover.Column{Name: name})
	}
	tables := map[string]takeover.Table{"t_users": t}
	return takeover.Database{Engine: takeover.SQLite, Tables: tables, Expected: tables}, nil
}

func (a *asked) Each(_ context.Context, table string, columns []string, _ func(takeover.Row) error) error {
	if table == "t_users" {
		a.columns = append(a.columns, columns...)
	}
	return nil
}

func (l *layers) examined(t *testing.T) []string {
	t.Helper()
	a := &asked{columns: []string{"id"}} // which every row has
	if _, err := takeover.Inspect(t.Context(), a, takeover.Options{Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return a.columns
}
