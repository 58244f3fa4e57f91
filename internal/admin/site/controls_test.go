package site_test

import (
	"net/http"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/secret"
)

// The form of a new account, submitted as it is offered, makes one that can log
// in.
func TestAccounts_OfferedFormLogsIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	form := formOf(t, f.page("/admin/auth/user/add/"))
	const pw = "Corr3ct-horse-staple"
	wantSent(t, f.post("/admin/auth/user/add/", with(form, "username", "ann", "password", pw, "password_again", pw)), "/admin/auth/user/")
	if _, err := f.sessions.LogIn(t.Context(), auth.LoginRequest{Username: "ann", Password: secret.New(pw)}); err != nil {
		t.Errorf("got %v, want a login", err)
	}
}

// An actor who may not make an account staff is not offered to, and learns why.
func TestAccounts_OnlySuperusersMakeStaff(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.addAccount(t, "first", auth.AccountChange{}) // these two have the ids of root and of the clerk
	f.addAccount(t, "second", auth.AccountChange{})
	staffed := true
	ann := f.addAccount(t, "ann", auth.AccountChange{IsStaff: &staffed})
	f.handler = f.handlerFor(staff(access.Accounts.View(), access.Accounts.Add(), access.Accounts.Change(), access.ViewUser, access.Groups.View()))
	page := f.page("/admin/auth/user/add/")
	wantOn(t, "the form", page, "Only superusers can make an account staff, so that it can log in.", `value="users.view_tuser"><span>View`,
		`value="users.delete_tuser" disabled><span>Delete`)
	if strings.Contains(page, `name="is_staff"`) || strings.Contains(page, `name="is_superuser"`) {
		t.Error("the form offers to make staff")
	}
	const pw = "Corr3ct-horse-staple"
	form := with(formOf(t, page), "username", "bob", "password", pw, "password_again", pw)
	wantSent(t, f.post("/admin/auth/user/add/", form), "/admin/auth/user/")
	if f.named(t, "bob").IsStaff {
		t.Error("the account is staff")
	}
	if got := f.post("/admin/auth/user/add/", with(form, "username", "cid", "is_staff", "true")).Code; got != http.StatusForbidden {
		t.Errorf("a forged form: got %d, want 403", got)
	}
	form = formOf(t, f.page("/admin/auth/user/3/change/"))
	wantSent(t, f.post("/admin/auth/user/3/change/", with(form, "last_name", "Lee")), "/admin/auth/user/")
	if a := f.named(t, "ann"); a.LastName != "Lee" || !a.IsStaff || a.ID != ann.ID {
		t.Errorf("got %+v, want another name, and still staff", a)
	}
}

// Pages of an account and a group that hold more than the actor have no controls
// to change them.
func TestControls_Reach(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	superuser := true
	f.addAccount(t, "first", auth.AccountChange{IsSuperuser: &superuser, IsStaff: &superuser})
	f.addAccount(t, "second", auth.AccountChange{})
	for name, p := range map[string]access.Permission{"deleters": access.DeleteUser, "viewers": access.ViewUser} {
		permissions := []access.Permission{p}
		if _, err := f.groups.Create(t.Context(), root, auth.GroupChange{Name: &name, Permissions: &permissions}); err != nil {
			t.Fatal(err)
		}
	}
	held := []access.Permission{access.ViewUser}
	for _, m := range []access.Model{access.Accounts, access.Groups} {
		held = append(held, m.View(), m.Add(), m.Change(), m.Delete())
	}
	f.handler = f.handlerFor(staff(held...))
	controls := []string{`name="_save"`, ">Delete</a>", "/password/\""}
	all, err := f.groups.List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]bool{"/admin/auth/user/1/change/": false, "/admin/auth/user/2/change/": true}
	for _, g := range all {
		pages["/admin/auth/group/"+string(rune('0'+g.ID))+"/change/"] = g.Name == "viewers"
	}
	for path, want := range pages {
		page := f.page(path)
		for _, control := range controls {
			if control == controls[2] && strings.Contains(path, "/group/") {
				continue
			}
			if got := strings.Contains(page, control); got != want {
				t.Errorf("%s: has %s: %t, want %t", path, control, got, want)
			}
		}
		if reason := strings.Contains(page, "This holds permissions that you do not hold"); reason == want {
			t.Errorf("%s: says why: %t", path, reason)
		}
	}
	wantOn(t, "the groups of an account", f.page("/admin/auth/user/2/change/"), "disabled><span>deleters", "><span>viewers")
}

// A locked account shows its failed logins and a button that unlocks it, to those
// who may.
func TestAccounts_Unlock(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.addAccount(t, "first", auth.AccountChange{})
		staffed := true
		f.addAccount(t, "ann", auth.AccountChange{IsStaff: &staffed})
		const button = ">Unlock login</button>"
		if strings.Contains(f.page("/admin/auth/user/2/change/"), button) {
			t.Error("the page offers to unlock an account that is not locked")
		}
		for range 11 {
			_, _ = f.sessions.LogIn(t.Context(), auth.LoginRequest{Username: "ann", Password: secret.New("wrong")})
		}
		wantOn(t, "the page", f.page("/admin/auth/user/2/change/"), button, "Failed logins since then")
		f.unconfirmed = true
		if got := f.post("/admin/auth/user/2/unlock/", nil).Code; got != http.StatusTeapot {
			t.Errorf("without the password: got %d", got)
		}
		f.unconfirmed = false
		f.handler = f.handlerFor(staff(access.Accounts.View()))
		if strings.Contains(f.page("/admin/auth/user/2/change/"), button) || f.post("/admin/auth/user/2/unlock/", nil).Code != http.StatusForbidden {
			t.Error("an account may unlock without the permission to change")
		}
		f.handler = f.handlerFor(root)
		wantSent(t, f.post("/admin/auth/user/2/unlock/", nil), "/admin/auth/user/2/change/")
		page := f.page("/admin/auth/user/2/change/")
		if wantOn(t, "then", page, "The login was unlocked."); strings.Contains(page, button) {
			t.Error("the page still offers to unlock it")
		}
		if history := f.page("/admin/auth/user/2/history/"); !strings.Contains(history, "failed_logins") {
			t.Error("the history lacks it")
		}
	})
}
