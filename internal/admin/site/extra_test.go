package site_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/passkey"
	"roster/internal/secret"
)

const goodPassword = "Corr3ct-horse-staple"

// addAccount makes an account of that name and returns it.
func (f *fixture) addAccount(t *testing.T, name string, change auth.AccountChange) auth.Account {
	t.Helper()
	change.Username = &name
	a, err := f.accounts.Create(t.Context(), access.System("test"), change, auth.NewPassword{Text: secret.New(goodPassword)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantOn checks that a page has all the texts.
func wantOn(t *testing.T, what, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("%s lacks %q:\n%.6000s", what, text, page[max(0, strings.Index(page, "<main")):])
		}
	}
}

// TestReasons shows on every engine where permissions come from, and who has them.
func TestReasons(t *testing.T) {
	t.Parallel()
	onEngines(t, checkReasons)
}

func checkReasons(t *testing.T, f *fixture) {
	t.Helper()
	yes, no, name := true, false, "clerks"
	g, err := f.groups.Create(t.Context(), root, auth.GroupChange{Name: &name, Permissions: &[]access.Permission{access.ViewUser}})
	if err != nil {
		t.Fatal(err)
	}
	f.addAccount(t, "boss", auth.AccountChange{IsSuperuser: &yes})
	ann := f.addAccount(t, "ann", auth.AccountChange{Groups: &[]int64{g.ID}, Permissions: &[]access.Permission{access.ViewUser, access.AddUser}})
	f.addAccount(t, "gone", auth.AccountChange{Groups: &[]int64{g.ID}, IsActive: &no})
	f.addAccount(t, "unrelated", auth.AccountChange{})
	path := fmt.Sprintf("/admin/auth/user/%d/", ann.ID)
	page := f.page(path + "permissions/")
	wantGolden(t, "reasons", page)
	wantOn(t, "ann", page, "Granted to the account", `<a href="/admin/auth/group/1/permissions/">Group clerks</a>`, "Cannot do", "Users: view")
	wantOn(t, "the form", f.page(path+"change/"), `href="`+path+`permissions/"`, `href="`+path+`password/"`)
	wantOn(t, "the list", f.page("/admin/auth/user/"), `href="/admin/auth/user/holders/"`)
	wantOn(t, "all permissions", f.page("/admin/auth/user/holders/"), "holders/?permission=users.add_tuser")
	page = f.page("/admin/auth/user/holders/?permission=users.view_tuser")
	wantOn(t, "holders", page, "Accounts found: 3.", "boss", "Superuser", "ann", "Group clerks", "gone", "Inactive, so without effect")
	if strings.Contains(page, "unrelated") {
		t.Error("somebody is there who does not hold it")
	}
	page = f.page("/admin/auth/group/1/permissions/")
	wantOn(t, "the group", page, "Users: view", ">ann<", ">gone<")
	wantOn(t, "the group's form", f.page("/admin/auth/group/1/change/"), `href="/admin/auth/group/1/permissions/"`)
	if code := f.get("/admin/auth/user/holders/?permission=no.such").Code; code != http.StatusNotFound {
		t.Errorf("no such permission: got %d", code)
	}
	f.handler = f.handlerFor(staff(access.Groups.View()))
	if page := f.page("/admin/auth/group/1/permissions/"); strings.Contains(page, ">ann<") {
		t.Error("who may not see accounts sees who is in a group")
	}
}

// Many holders come in parts.
func TestReasons_Parts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	yes := true
	for n := range 51 {
		name := fmt.Sprintf("boss%02d", n)
		if _, err := f.accounts.Create(t.Context(), root, auth.AccountChange{Username: &name, IsSuperuser: &yes}, auth.NewPassword{}); err != nil {
			t.Fatal(err)
		}
	}
	page := f.page("/admin/auth/user/holders/?permission=users.view_tuser")
	wantOn(t, "the first part", page, "boss49", "?after=50&amp;permission=users.view_tuser")
	page = f.page("/admin/auth/user/holders/?permission=users.view_tuser&after=50")
	if !strings.Contains(page, "boss50") || strings.Contains(page, "boss49") || strings.Contains(page, ">More<") {
		t.Error("the second part is not the last one alone")
	}
}

// A new account can get an invitation instead of a password, and another one later.
func TestInvite(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var invited []int64
	f.invite = func(_ context.Context, _ access.Actor, account int64) error {
		invited = append(invited, account)
		return nil
	}
	f.handler = f.handlerFor(root)
	const add = "/admin/auth/user/add/"
	f.addAccount(t, "first", auth.AccountChange{}) // whose id is root's
	form := formOf(t, f.page(add))
	for _, c := range []struct{ email, password, staff, want string }{
		{"", "", "true", "Enter the address of the invitation."},
		{"ann@example.com", goodPassword, "true", "Enter a password or check this, not both."},
		{"ann@example.com", "", "", "Only accounts that are active and staff can be invited."},
	} {
		w := f.post(add, with(form, "username", "ann", "email", c.email, "password", c.password, "is_staff", c.staff, "invite", "true"))
		wantOn(t, "the form", w.Body.String(), "field-faults", c.want)
	}
	wantSent(t, f.post(add, with(form, "username", "ann", "email", "ann@example.com", "invite", "true")), "/admin/auth/user/")
	ann := f.named(t, "ann")
	path := fmt.Sprintf("/admin/auth/user/%d/", ann.ID)
	wantOn(t, "the account", f.page(path+"change/"), "Send invitation")
	wantSent(t, f.post(path+"invite/", nil), path+"change/")
	if len(invited) != 2 || invited[0] != ann.ID || invited[1] != ann.ID || ann.HasPassword() {
		t.Errorf("got the invitations %v of the account %d", invited, ann.ID)
	}
	f.invite = nil
	f.handler = f.handlerFor(root)
	wantOn(t, "without SITE_URL", f.page(add), "This server sends no links, because SITE_URL is not set.")
}

// TestResetFactors removes the factors of another account after a question, on
// every engine: with one audit entry, which is one notice to its owner.
func TestResetFactors(t *testing.T) {
	t.Parallel()
	onEngines(t, checkResetFactors)
}

func checkResetFactors(t *testing.T, f *fixture) {
	t.Helper()
	f.addAccount(t, "first", auth.AccountChange{}) // whose id is root's
	ann := f.addAccount(t, "ann", auth.AccountChange{})
	path := fmt.Sprintf("/admin/auth/user/%d/", ann.ID)
	const label = "Reset two-factor authentication"
	if page := f.page(path + "change/"); !strings.Contains(page, "Not set up") || strings.Contains(page, label) {
		t.Error("the page of an account without factors offers to reset them, or does not say that there are none")
	}
	for _, name := range []string{"One", "Two"} {
		key := auth.Passkey{Account: ann.ID, Site: "example.com", Name: name, CreatedAt: now, Credential: passkey.Credential{ID: []byte(name)}}
		f.inTx(t, func(tx auth.Tx) error { return tx.InsertPasskey(key) })
	}
	f.inTx(t, func(tx auth.Tx) error {
		return tx.SaveFactor(ann.ID, auth.Factor{Key: "key", Confirmed: true, Recovery: []string{"a", "b"}})
	})
	wantOn(t, "the account", f.page(path+"change/"), label, "Authenticator app, 2 passkeys, 2 unused recovery codes")
	page := f.page(path + "two-factor/")
	wantGolden(t, "reset-factors", page)
	wantOn(t, "the question", page, "Reset two-factor authentication of ann?", "button-danger")
	f.checkOnlyManagersReset(t, path)
	wantSent(t, f.post(path+"two-factor/", with(formOf(t, page), "_reason", "Lost the phone")), path+"change/")
	wantOn(t, "then", f.page(path+"change/"), "Two-factor authentication was reset.", "Not set up")
	if w := f.post(path+"two-factor/", nil); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "The account has no second factor.") {
		t.Errorf("once more: got %d", w.Code)
	}
	found, err := f.trail.List(t.Context(), root, audit.Filter{}, 0, 1)
	if err != nil || len(found) != 1 || found[0].Reason != "Lost the phone" || len(found[0].Changes) != 3 || len(auth.Notices(found[0].Entry)) != 1 {
		t.Errorf("got %+v, %v, want one entry with three changes, and one notice", found, err)
	}
}

// checkOnlyManagersReset: the page is for others than the owner, who may change
// accounts and have given their password recently.
func (f *fixture) checkOnlyManagersReset(t *testing.T, path string) {
	t.Helper()
	if got := f.get("/admin/auth/user/1/two-factor/"); got.Header().Get("Location") != "/admin/totp/" {
		t.Errorf("one's own: sent to %q", got.Header().Get("Location"))
	}
	f.inTx(t, func(tx auth.Tx) error { return tx.SaveFactor(1, auth.Factor{Key: "key", Confirmed: true}) })
	if got := f.post("/admin/auth/user/1/two-factor/", nil).Header().Get("Location"); got != "/admin/totp/" {
		t.Errorf("one's own, sent: led to %q", got)
	}
	if own, err := f.factors.State(t.Context(), root, 1); err != nil || !own.App {
		t.Errorf("one's own: got %+v, %v, want it kept", own, err)
	}
	f.unconfirmed = true
	if code := f.post(path+"two-factor/", nil).Code; code != http.StatusTeapot {
		t.Errorf("without a recent password: got %d", code)
	}
	f.unconfirmed = false
	f.handler = f.handlerFor(staff(access.Accounts.View()))
	if page := f.page(path + "change/"); strings.Contains(page, "Reset two-factor") {
		t.Error("the page offers the reset to those who may only view accounts")
	}
	if code := f.post(path+"two-factor/", nil).Code; code != http.StatusForbidden {
		t.Errorf("without the permission: got %d", code)
	}
	f.handler = f.handlerFor(root)
}

func (f *fixture) inTx(t *testing.T, fn func(auth.Tx) error) {
	t.Helper()
	if err := f.store.InAuthTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestPassword gives accounts passwords through the forms, on every engine.
func TestPassword(t *testing.T) {
	t.Parallel()
	onEngines(t, checkPassword)
}

func checkPassword(t *testing.T, f *fixture) {
	t.Helper()
	const add = "/admin/auth/user/add/"
	f.addAccount(t, "first", auth.AccountChange{}) // whose id is root's
	form := formOf(t, f.page(add))
	for _, c := range []struct{ first, second, none, want string }{
		{"", "", "", "This field is required."},
		{goodPassword, "Corr3ct-horse-stapel", "", "The two password fields didn’t match."},
		{"password", "password", "", "This password is too common."},
		{goodPassword, goodPassword, "true", "Enter a password or check this, not both."},
	} {
		w := f.post(add, with(form, "username", "ann", "password", c.first, "password_again", c.second, "no_password", c.none))
		wantOn(t, "the form", w.Body.String(), "field-faults", c.want)
		if w.Code != http.StatusUnprocessableEntity || c.first != "" && strings.Contains(w.Body.String(), `value="`+c.first) {
			t.Errorf("%q: got %d, and perhaps the password", c.first, w.Code)
		}
	}
	wantSent(t, f.post(add, with(form, "username", "ann", "password", goodPassword, "password_again", goodPassword, "_reason", " she  joined ")), "/admin/auth/user/")
	ann := f.named(t, "ann")
	const another = "another-Horse-77"
	path := fmt.Sprintf("/admin/auth/user/%d/", ann.ID)
	form = formOf(t, f.page(path+"password/"))
	w := f.post(path+"password/", with(form, "password", "short", "password_again", "short"))
	wantOn(t, "the form", w.Body.String(), "This password is too short")
	wantSent(t, f.post(path+"password/", with(form, "password", another, "password_again", another, "_reason", "forgotten")), "/admin/auth/user/")
	if now := f.named(t, "ann"); now.Password == ann.Password || strings.HasPrefix(now.Password.Reveal(), "!") {
		t.Error("the password is what it was, or none")
	}
	wantSent(t, f.post(path+"password/", with(form, "no_password", "true")), "/admin/auth/user/")
	if now := f.named(t, "ann"); !strings.HasPrefix(now.Password.Reveal(), "!") {
		t.Error("there is still a password")
	}
	f.checkNoSecret(t, ann.ID, another)
	if got := f.get("/admin/auth/user/1/password/"); got.Header().Get("Location") != "/admin/password_change/" {
		t.Errorf("one's own: sent to %q", got.Header().Get("Location"))
	}
}

func (f *fixture) named(t *testing.T, name string) auth.Account {
	t.Helper()
	a, err := f.accounts.FindNamed(t.Context(), access.System("test"), name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// checkNoSecret checks that the trail has no secrets of the account.
func (f *fixture) checkNoSecret(t *testing.T, id int64, password string) {
	t.Helper()
	rows, err := f.trail.History(t.Context(), root, access.Accounts.View(), audit.Object{Type: "account", ID: id}, 10)
	if err != nil || len(rows) != 3 || rows[1].Reason != "forgotten" || rows[2].Reason != "she joined" || rows[1].Changes[0] != audit.Secret("password") {
		t.Fatalf("got %+v, %v", rows, err)
	}
	for _, row := range rows {
		if strings.Contains(row.ChangesText, password) || strings.Contains(row.ChangesText, goodPassword) || strings.Contains(row.ChangesText, "argon2") {
			t.Errorf("the trail has a secret: %s", row.ChangesText)
		}
	}
}

// Two people change one account: the second sees the changes of the first. A
// refused grant is named.
func TestAccount_TwoPeople(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		for range 2 { // root's id is not that of what is edited
			f.addAccount(t, fmt.Sprint("a", len(f.rows(t))), auth.AccountChange{})
		}
		const path = "/admin/auth/user/2/change/"
		form := formOf(t, f.page(path))
		first := with(form, "last_name", "Lee")
		first["permissions"] = []string{"users.view_tuser"}
		wantSent(t, f.post(path, first), "/admin/auth/user/")
		w := f.post(path, with(form, "last_name", "Mine"))
		if w.Code != http.StatusConflict {
			t.Errorf("got %d, want 409", w.Code)
		}
		wantOn(t, "the conflict", w.Body.String(), "Another person changed this staff account", "users.view_tuser", "Lee")
		wantSent(t, f.post(path, formOf(t, w.Body.String())), "/admin/auth/user/")
		a, held, err := f.accounts.Find(context.WithoutCancel(t.Context()), root, 2)
		if err != nil || a.LastName != "Mine" || len(held.Permissions) != 1 {
			t.Errorf("got %+v, %+v, %v, want both changes", a, held, err)
		}
		w = f.post("/admin/auth/user/2/delete/", form)
		if w.Code != http.StatusConflict {
			t.Errorf("deleting what was changed: got %d, want 409", w.Code)
		}
	})
}

func (f *fixture) rows(t *testing.T) []auth.Account {
	t.Helper()
	all, _, err := f.accounts.List(t.Context(), root, auth.AccountQuery{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The reason for a bulk action is recorded for each record.
func TestAction_Reason(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(2)
	w := f.post("/admin/users/tuser/", url.Values{"action": {"deactivate_selected"}, "_selected_action": {"1", "2"}})
	form := formOf(t, f.page(w.Header().Get("Location")))
	if !form.Has("_reason") {
		t.Fatalf("the question does not offer a reason: %v", form)
	}
	wantSent(t, f.post("/admin/users/tuser/actions/deactivate_selected/", with(form, "_reason", strings.Repeat("é", 300))), "/admin/users/tuser/")
	rows, err := f.trail.List(t.Context(), root, audit.Filter{}, 0, 10)
	if err != nil || len(rows) != 2 || rows[0].Reason != strings.Repeat("é", 255) {
		t.Errorf("got %+v, %v, want two with the reason", rows, err)
	}
}

// Refusals come with the form, whether they are about a field or not.
func TestRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	yes := true
	f.addAccount(t, "first", auth.AccountChange{}) // these two have the ids of root and of the clerk
	f.addAccount(t, "second", auth.AccountChange{})
	boss := f.addAccount(t, "boss", auth.AccountChange{IsSuperuser: &yes, IsStaff: &yes})
	path := fmt.Sprintf("/admin/auth/user/%d/", boss.ID)
	form := formOf(t, f.page(path+"change/"))
	form.Del("is_active")
	w := f.post(path+"change/", form)
	wantOn(t, "the last superuser", w.Body.String(), "Nothing was changed. This is the last active superuser")
	w2 := f.post(path+"delete/", form)
	wantOn(t, "the last superuser's end", w2.Body.String(), "This is the last active superuser")
	f.handler = f.handlerFor(staff(access.Accounts.View(), access.Accounts.Change(), access.Accounts.Delete()))
	beyond := f.post(path+"change/", with(form, "last_name", "x"))
	wantOn(t, "an account that holds more", beyond.Body.String(), "This holds permissions that you do not hold")
	password := f.post(path+"password/", with(form, "password", goodPassword, "password_again", goodPassword))
	wantOn(t, "its password", password.Body.String(), "This holds permissions that you do not hold")
	for name, c := range map[string]struct{ got, want int }{
		"change": {w.Code, http.StatusConflict}, "delete": {w2.Code, http.StatusConflict},
		"beyond": {beyond.Code, http.StatusForbidden}, "password": {password.Code, http.StatusForbidden},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %d, want %d", name, c.got, c.want)
		}
	}
}
