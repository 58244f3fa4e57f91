package site_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
)

// TestGroups follows a group and an account in it through the pages.
func TestGroups(t *testing.T) {
	t.Parallel()
	onEngines(t, checkGroups)
}

func checkGroups(t *testing.T, f *fixture) {
	t.Helper()
	page := f.page("/admin/auth/group/add/")
	wantOn(t, "the form", page, "<h2>Roster</h2>", `<legend>Users <span class="count">0 of 5</span></legend>`, "0 of ", "data-filter hidden", `value="users.view_tuser"><span>View</span>`)
	form := formOf(t, page)
	form["permissions"] = []string{"users.view_tuser", "users.change_tuser"}
	wantSent(t, f.post("/admin/auth/group/add/", with(form, "name", "clerks", "_save", "1")), "/admin/auth/group/")
	if names := rowNames(f.page("/admin/auth/group/?q=CLERK")); len(names) != 1 || names[0] != "clerks" {
		t.Fatalf("got groups %q", names)
	}
	page = f.page("/admin/auth/group/1/change/")
	form = formOf(t, page)
	if got := strings.Join(form["permissions"], " "); len(form["permissions"]) != 2 || !strings.Contains(got, "users.view_tuser") {
		t.Errorf("ticked: got %s", got)
	}
	before := f.post("/admin/auth/group/1/change/", form)
	wantSent(t, before, "/admin/auth/group/")
	if page := f.page("/admin/auth/group/"); !strings.Contains(page, "was not changed.") {
		t.Error("an unchanged form changes something")
	}
	form["permissions"] = []string{"users.view_tuser"}
	wantSent(t, f.post("/admin/auth/group/1/change/", form), "/admin/auth/group/")
	if g, err := f.groups.Find(t.Context(), root, 1); err != nil || len(g.Permissions) != 1 || g.Permissions[0] != access.ViewUser {
		t.Errorf("got %+v, %v", g, err)
	}
	if code := f.post("/admin/auth/group/1/change/", with(form, "name", "late")).Code; code != http.StatusConflict {
		t.Errorf("a form that is out of date: got %d, want 409", code)
	}
	f.checkAccount(t)
	if page := f.page("/admin/auth/group/1/history/"); !strings.Contains(page, "users.change_tuser") {
		t.Errorf("the history lacks what was taken away:\n%s", page)
	}
	wantSent(t, f.post("/admin/auth/group/1/delete/", formOf(t, f.page("/admin/auth/group/1/delete/"))), "/admin/auth/group/")
}

// checkAccount adds, changes and finds an account of group 1.
func (f *fixture) checkAccount(t *testing.T) {
	t.Helper()
	form := formOf(t, f.page("/admin/auth/user/add/"))
	form["groups"] = []string{"1"}
	w := f.post("/admin/auth/user/add/", with(form, "username", "not valid"))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "field-faults") {
		t.Errorf("got %d, want the fault beside the field", w.Code)
	}
	wantSent(t, f.post("/admin/auth/user/add/", with(form, "username", "ann", "no_password", "true", "email", "Ann@EXAMPLE.com", "is_staff", "true")), "/admin/auth/user/")
	form = formOf(t, f.page("/admin/auth/user/1/change/"))
	if form.Get("email") != "Ann@example.com" || form.Get("groups") != "1" || form.Get("is_staff") != "true" || form.Has("is_superuser") {
		t.Errorf("got %v", form)
	}
	wantSent(t, f.post("/admin/auth/user/1/change/", with(form, "last_name", "Lee", "permissions", "users.add_tuser")), "/admin/auth/user/")
	a, holdings, err := f.accounts.Find(t.Context(), root, 1)
	if err != nil || a.LastName != "Lee" || len(holdings.Held()) != 2 {
		t.Errorf("got %+v with %v, %v", a, holdings, err)
	}
	for query, want := range map[string]int{"": 1, "?is_staff__exact=1&q=LEE": 1, "?is_superuser__exact=1": 0, "?is_active__exact=1": 1, "?q=missing": 0} {
		if got := len(rowNames(f.page("/admin/auth/user/" + query))); got != want {
			t.Errorf("%s: got %d accounts, want %d", query, got, want)
		}
	}
}

// TestStaff_GrantsWhatIsHeld shows that forms grant only permissions that the actor holds.
func TestStaff_GrantsWhatIsHeld(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.handler = f.handlerFor(staff(access.Groups.View(), access.Groups.Add(), access.ViewUser))
	w := f.post("/admin/auth/group/add/", url.Values{"name": {"all"}, "permissions": {"users.delete_tuser"}})
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "You cannot grant what you do not hold: users.delete_tuser.") ||
		!strings.Contains(w.Body.String(), `name="name" value="all"`) {
		t.Errorf("got %d, want the form again, saying what cannot be granted:\n%s", w.Code, w.Body)
	}
	wantSent(t, f.post("/admin/auth/group/add/", url.Values{"name": {"viewers"}, "permissions": {"users.view_tuser"}}), "/admin/auth/group/")
}

// TestStaff_AsksForPassword shows that who changes accounts and groups is asked
// for the password, and who changes users is not.
func TestStaff_AsksForPassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.unconfirmed = true
	for path, want := range map[string]int{
		"/admin/auth/user/": http.StatusOK, "/admin/auth/user/add/": http.StatusTeapot, "/admin/auth/group/add/": http.StatusTeapot,
		"/admin/users/tuser/add/": http.StatusOK,
	} {
		if got := f.get(path).Code; got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	if got := f.post("/admin/auth/group/add/", url.Values{"name": {"x"}}).Code; got != http.StatusTeapot {
		t.Errorf("POST: got %d, want to be asked", got)
	}
}

// TestStaff_PasswordIsGuarded shows who is not let to another account's password.
func TestStaff_PasswordIsGuarded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.addAccount(t, "first", auth.AccountChange{}) // these two have the ids of root and of the clerk
	f.addAccount(t, "second", auth.AccountChange{})
	before := f.addAccount(t, "ann", auth.AccountChange{})
	const path = "/admin/auth/user/3/password/"
	form := url.Values{"password": {"another-Horse-77"}, "password_again": {"another-Horse-77"}}
	for name, c := range map[string]struct {
		actor       access.Actor
		unconfirmed bool
		want        int
	}{
		"no staff":            {access.Actor{}, false, http.StatusUnauthorized},
		"without permission":  {staff(access.Accounts.View(), access.Accounts.Add(), access.Accounts.Delete()), false, http.StatusForbidden},
		"password not asked":  {root, true, http.StatusTeapot},
		"that, of permission": {staff(access.Accounts.View(), access.Accounts.Change()), true, http.StatusTeapot},
	} {
		f.handler, f.unconfirmed = f.handlerFor(c.actor), c.unconfirmed
		if got := f.get(path).Code; got != c.want {
			t.Errorf("%s: GET: got %d, want %d", name, got, c.want)
		}
		if got := f.post(path, form).Code; got != c.want {
			t.Errorf("%s: POST: got %d, want %d", name, got, c.want)
		}
	}
	if f.named(t, "ann").Password.Reveal() != before.Password.Reveal() {
		t.Error("the account has another password")
	}
}

// A manager ends the sessions of a colleague, but not their own by the same button.
func TestStaff_EndSessions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	yes := true
	f.addAccount(t, "root", auth.AccountChange{IsSuperuser: &yes})
	ann := f.addAccount(t, "ann", auth.AccountChange{IsStaff: &yes})
	for _, c := range []struct {
		id   int64
		want string
	}{{ann.ID, "The account has no sessions."}, {root.ID(), "use Sessions in the account menu"}} {
		record := fmt.Sprintf("/admin/auth/user/%d/", c.id)
		wantSent(t, f.post(record+"end-sessions/", nil), record+"change/")
		wantAll(t, f.page(record+"change/"), c.want)
	}
}
