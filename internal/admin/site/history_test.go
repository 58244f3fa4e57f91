package site_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/form"
)

// live adds a user, changes and deletes it, as root from somewhere.
func (f *fixture) live() {
	f.t.Helper()
	actor := root.From(access.Origin{Address: "192.0.2.1", RequestID: "req-1"})
	u, err := f.users.Create(f.t.Context(), actor, form.Input{
		"username": {Kind: form.String, Text: "ada"}, "email": {Kind: form.String, Text: "ada@example.com"},
	})
	if err == nil {
		_, err = f.users.Update(f.t.Context(), actor, u.ID, form.Input{
			"first_name": {Kind: form.String, Text: "<Ada>"}, "is_active": {Kind: form.Boolean},
		}, form.Partial)
	}
	if err == nil {
		err = f.users.Delete(f.t.Context(), access.System("cleanup"), u.ID)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestShowHistory(t *testing.T) {
	t.Parallel()
	onEngines(t, checkShowHistory)
}

func checkShowHistory(t *testing.T, f *fixture) {
	t.Helper()
	f.live()
	wantGolden(t, "history", f.page("/admin/users/tuser/1/history/"))
	f.insert(1) // without an entry
	if page := f.page("/admin/users/tuser/2/history/"); !strings.Contains(page, "No history") {
		t.Error("a user without entries has a history")
	}
	if code := f.get("/admin/users/tuser/3/history/").Code; code != http.StatusNotFound {
		t.Errorf("anonymous: got %d, want 404", code)
	}
	f.handler = f.handlerFor(staff(access.AddUser))
	if code := f.get("/admin/users/tuser/1/history/").Code; code != http.StatusForbidden {
		t.Errorf("without permission: got %d, want 403", code)
	}
}

func TestShowIndex(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.live()
	wantGolden(t, "index", f.page("/admin/"))
	wantGolden(t, "index-app", f.page("/admin/users/"))
	for name, c := range map[string]struct {
		actor access.Actor
		users bool
		add   bool
		audit bool
		app   int
	}{
		"nothing":     {staff(), false, false, false, http.StatusNotFound},
		"add alone":   {staff(access.AddUser), false, false, false, http.StatusNotFound},
		"view":        {staff(access.ViewUser), true, false, false, http.StatusOK},
		"view, add":   {staff(access.ViewUser, access.AddUser), true, true, false, http.StatusOK},
		"audit trail": {staff(access.ViewAudit), false, false, true, http.StatusNotFound},
	} {
		f.handler = f.handlerFor(c.actor)
		page := f.page("/admin/")
		has := func(link string) bool { return strings.Contains(page, `href="`+link+`"`) }
		got := []bool{has("/admin/users/tuser/"), has("/admin/users/tuser/add/"), has("/admin/admin/logentry/")}
		if want := []bool{c.users, c.add, c.audit}; !slices.Equal(got, want) {
			t.Errorf("%s: got links %v, want %v", name, got, want)
		}
		if code := f.get("/admin/users/").Code; code != c.app {
			t.Errorf("%s: the application: got %d, want %d", name, code, c.app)
		}
	}
}

func TestAuditEntries(t *testing.T) {
	t.Parallel()
	onEngines(t, checkAuditEntries)
}

func checkAuditEntries(t *testing.T, f *fixture) {
	t.Helper()
	f.live()
	const path = "/admin/admin/logentry/"
	wantGolden(t, "audit", f.page(path))
	for query, want := range map[string]int{
		"?action__exact=create":            1,
		"?actor__exact=root":               2,
		"?actor__exact=missing":            0,
		"?object_type__exact=user":         3,
		"?q=192.0.2.1":                     2,
		"?q=ADA+cleanup":                   1,
		"?at__gte=2026-11-23":              3,
		"?at__lt=2026-11-23":               0,
		"?at__year=2026&at__month=11&o=":   3,
		"?action__exact=delete&q=req-1":    0,
		"?action__exact=update&cols=id":    1,
		"?per_page=25&object_type__exact=": 3,
	} {
		if got := len(rowNames(f.page(path + query))); got != want {
			t.Errorf("%s: got %d entries, want %d", query, got, want)
		}
	}
	page := f.page(path + "2/change/")
	if !strings.Contains(page, "first_name: none → “&lt;Ada&gt;”") || strings.Contains(page, "_save") {
		t.Errorf("an entry does not say what it is, or can be changed:\n%s", page)
	}
	wantAll(t, page, `<a href="/admin/users/tuser/1/">ada</a>`)
	for _, way := range []string{"add/", "2/delete/", "2/history/"} {
		if code := f.get(path + way).Code; code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", way, code)
		}
	}
	if code := f.post(path+"2/change/", url.Values{}).Code; code != http.StatusMethodNotAllowed {
		t.Errorf("changing an entry: got %d, want 405", code)
	}
}

// What an entry is about leads to its page, for those who may open that, and to
// what is left of it when it was deleted.
func TestAuditEntries_Link(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.live()
	f.insert(1) // a user with the id 2
	for path, want := range map[string]string{
		"/admin/users/tuser/1/": "/admin/users/tuser/1/history/",
		"/admin/users/tuser/2/": "/admin/users/tuser/2/change/",
	} {
		if w := f.get(path); w.Code != http.StatusFound || w.Header().Get("Location") != want {
			t.Errorf("%s: got %d to %q, want %s", path, w.Code, w.Header().Get("Location"), want)
		}
	}
	for _, path := range []string{"/admin/admin/logentry/", "/admin/admin/logentry/1/change/"} {
		f.handler = f.handlerFor(staff(access.ViewAudit, access.ViewUser))
		wantAll(t, f.page(path), `<a href="/admin/users/tuser/1/">ada</a>`)
		f.handler = f.handlerFor(staff(access.ViewAudit))
		wantNone(t, f.page(path), "/admin/users/tuser/")
	}
}

// A list shows of each entry two fields that were changed, each on one line.
func TestAuditEntries_Summary(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	input := form.Input{"username": {Kind: form.String, Text: "ada"}, "email": {Kind: form.String, Text: "ada@example.com"}}
	for _, name := range []string{"first_name", "last_name", "address"} {
		input[name] = form.Value{Kind: form.String, Text: strings.TrimSpace(strings.Repeat(name+" ", 5))}
	}
	if _, err := f.users.Create(t.Context(), root, input); err != nil {
		t.Fatal(err)
	}
	address := form.Input{"address": {Kind: form.String, Text: "a\nb"}}
	if _, err := f.users.Update(t.Context(), root, 1, address, form.Partial); err != nil {
		t.Fatal(err)
	}
	page := f.page("/admin/admin/logentry/")
	wantAll(t, page, ">username: “ada”\nemail: “ada@example.com”\nand 4 more</td>", "address: “address address address address… → “a b”</td>")
	wantNone(t, page, "last_name")
	wantAll(t, f.page("/admin/admin/logentry/1/change/"), "last_name: none → “last_name")
}

func TestAuditEntries_Verify(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.live()
	if _, err := f.trail.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := f.post("/admin/admin/logentry/verify/", url.Values{})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "The audit trail is sound: 3 sealed entries.") {
		t.Errorf("got %d:\n%s", w.Code, w.Body)
	}
	if w := f.get("/admin/admin/logentry/verify/"); w.Code != http.StatusFound || w.Header().Get("Location") != "/admin/admin/logentry/" {
		t.Errorf("GET: got %d to %q, want the list", w.Code, w.Header().Get("Location"))
	}
	f.handler = f.handlerFor(staff(access.ViewUser))
	if code := f.post("/admin/admin/logentry/verify/", url.Values{}).Code; code != http.StatusForbidden {
		t.Errorf("without permission: got %d, want 403", code)
	}
}
