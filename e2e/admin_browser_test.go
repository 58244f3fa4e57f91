package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestAdminBrowser works in the admin site with a real browser.
func TestAdminBrowser(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for name, part := range map[string]struct {
		users int
		check func(*testing.T, *adminSite)
	}{
		"Pages":      {60, checkAdminPages},
		"Life":       {1, checkAdminLife},
		"TwoPeople":  {1, checkAdminTwoPeople},
		"Staff":      {1, checkAdminStaff},
		"Shell":      {60, checkAdminShell},
		"Search":     {60, checkAdminSearch},
		"ToolPages":  {60, checkToolPages},
		"Clicks":     {60, checkClicks},
		"Lists":      {60, checkAdminLists},
		"Bulk":       {50_000, checkAdminBulk},
		"Scriptless": {1200, checkAdminScriptless},
		"UserPage":   {60, checkUserPage},

		"BackgroundPages": {60, checkBackgroundPages},
		"TaskLife":        {60, checkTaskLife},
		"ScheduleLife":    {1, checkScheduleLife},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part.check(t, newAdminSite(browser, t, part.users))
		})
	}
}

// adminSite is a server with users and a superuser called root.
type adminSite struct {
	*server
	browser  context.Context
	database string // its file
}

func newAdminSite(browser context.Context, t *testing.T, users int, more ...string) *adminSite {
	t.Helper()
	dir := t.TempDir()
	seed(t, dir, users)
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "DJANGO_SUPERUSER_PASSWORD=" + staffPassword}
	command := roster(t, dir, settings, "createsuperuser", "--noinput", "--username", "root", "--email", "root@example.com")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("createsuperuser: %v\n%s", err, out)
	}
	return &adminSite{startServer(t, dir, append(more, "WELCOME_EMAIL=true")...), browser, filepath.Join(dir, "db.sqlite3")}
}

// logIn returns a tab in which root has logged in on the way to a page.
func (a *adminSite) logIn(t *testing.T, path, shown string) *tab {
	t.Helper()
	page := newUsersTab(newVisitor(a.browser, t), t, a.server)
	page.open(path, "#username")
	page.enter("#username", "root")
	page.enter("#password", staffPassword)
	page.click("main form .button-primary")
	page.until(fmt.Sprintf(`location.pathname + location.search === %q && !!document.querySelector(%q)`, path, shown))
	return page
}

// adminPages are the pages of the admin site.
var adminPages = []shownPage{
	{"index", "/admin/", ".apps", ""},
	{"app", "/admin/users/", ".apps", ""},
	{"list", "/admin/users/tuser/?per_page=25", ".admin-table", ""},
	{"list-narrowed", "/admin/users/tuser/?q=user&is_active__exact=1&created_at__year=2026&created_at__month=1&per_page=25&p=2&o=-1", ".admin-table", ""},
	{"list-columns", "/admin/users/tuser/?per_page=25", ".admin-table", `(document.querySelector(".filters .menu").open = true) && !document.getElementById("select-page").click()`},
	{"list-display", "/admin/users/tuser/?per_page=25&density=compact", ".table-dense", `document.querySelectorAll(".filters .menu")[1].open = true`},
	{"account-menu", "/admin/", ".apps", `document.querySelector(".account").open = true`},
	{"list-long", "/admin/users/tuser/?q=wolfeschlegel", ".admin-table", ""},
	{"list-empty", "/admin/users/tuser/?q=nomatch", ".empty", ""},
	{"list-bad", "/admin/users/tuser/?e=1", ".alert", ""},
	{"add", "/admin/users/tuser/add/", ".record-form", ""},
	{"faults", "/admin/users/tuser/add/", ".record-form", pressed("[name=_save]", ".field-faults")},
	{"change", "/admin/users/tuser/7/change/", ".record-form", ""},
	{"delete", "/admin/users/tuser/7/delete/", ".record-form", ""},
	{"history", "/admin/users/tuser/1/history/", ".history", ""},
	{"accounts", "/admin/auth/user/", ".admin-table", ""},
	{"account", "/admin/auth/user/1/change/", ".record-form", ""},
	{"group-add", "/admin/auth/group/add/", ".choice-list", ""},
	{"groups", "/admin/auth/group/", ".empty", ""},
	{"reports-none", "/admin/tasks/report/", ".empty", ""},
	{"audit-all", "/admin/admin/logentry/", ".admin-table", ""},
	{"audit", "/admin/admin/logentry/?cols=-&cols=actor&cols=action&cols=changes&cols=reason", ".admin-table", ""},
	{"entry", "/admin/admin/logentry/1/change/", ".record-form", ""},
}

// checkAdminPages looks at every page.
func checkAdminPages(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/users/tuser/1/change/", ".record-form")
	b.enter("#id_username", strings.Repeat("w", 100))
	b.enter("#id_email", strings.Repeat("m", 50)+"@"+strings.Repeat("d", 50)+".example.com")
	b.enter("#id_first_name", "Wolfeschlegelsteinhausenbergerdorff")
	b.enter("#id_last_name", strings.Repeat("Long", 25))
	b.click("[name=_save]")
	b.sees(".alert", "was changed successfully")
	lookAt(t, b, adminPages)
}

// shownPage is a page that is looked at, with a step that brings it into the
// state that is meant.
type shownPage struct{ name, path, shown, step string }

// lookAt inspects pages.
func lookAt(t *testing.T, b *tab, pages []shownPage) {
	t.Helper()
	axe := readAxe(t)
	for _, p := range pages {
		b.open(p.path, p.shown)
		if p.step != "" {
			b.until(p.step)
		}
		b.inspect(axe, "html", "admin-"+p.name)
	}
	b.cleanBut("status of 422")
}

// checkAdminLife adds a user, finds, changes and deletes it.
func checkAdminLife(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/", ".apps")
	b.click(`.models a[href="/admin/users/tuser/add/"]`)
	b.until(`!!document.getElementById("id_username")`)
	b.enter("#id_username", "ad")
	b.enter("#id_email", "Ada@Example.com")
	b.click("[name=_save]")
	b.sees(".field-faults", "at least 3 characters")
	b.enter("#id_username", "ada")
	b.click("[name=_continue]")
	b.sees(".alert-good", "“ada” was added successfully")
	if got := a.field(2, "email"); got != "ada@example.com" {
		t.Errorf("e-mail: got %s", got)
	}
	a.greeted(t, 1)
	b.enter("#id_last_name", "Lovelace")
	b.click("#id_is_active")
	b.click("[name=_save]")
	b.sees(".alert-good", "“ada” was changed successfully")
	b.enter("#q", "lovelace")
	b.click(".search .button")
	b.sees("main [role=status]", "1 user")
	b.click(".admin-table tbody th a")
	b.until(`document.getElementById("id_last_name")?.value === "Lovelace"`)
	b.click(`a[href*="/history/"]`)
	b.sees(".history", "Lovelace")
	b.sees(".history", "by root")
	b.open("/admin/users/tuser/2/change/?_changelist_filters=q%3Dlovelace", ".record-form")
	b.click(".button-danger")
	b.until(`!!document.querySelector(".button-danger-solid")`)
	b.click(".button-danger-solid")
	b.sees(".alert-good", "“ada” was deleted successfully")
	b.sees(".empty", "No users match")
	b.open("/admin/admin/logentry/", ".admin-table")
	b.sees(".admin-table", "delete")
	b.click(".toolbar .button")
	b.sees(".alert", "The audit trail is sound")
	b.cleanBut("status of 422")
}

// greeted checks how many welcome mails were ordered.
func (a *adminSite) greeted(t *testing.T, want int) {
	t.Helper()
	db, err := openSQLite(a.database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var got int
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM roster_tasks WHERE kind = 'send_welcome_email'").Scan(&got); err != nil || got != want {
		t.Errorf("got %d welcome mails, %v, want %d", got, err, want)
	}
}

// checkAdminTwoPeople lets two people change one user.
func checkAdminTwoPeople(t *testing.T, a *adminSite) {
	t.Helper()
	const path = "/admin/users/tuser/1/change/"
	first, second := a.logIn(t, path, ".record-form"), a.logIn(t, path, ".record-form")
	first.enter("#id_first_name", "Theirs")
	first.click("[name=_save]")
	first.sees(".alert-good", "was changed successfully")
	second.enter("#id_first_name", "Mine")
	second.enter("#id_phone", "123")
	second.click("[name=_save]")
	second.sees("#conflict", "Another person changed this user")
	second.sees("#conflict", "The last change was made by root")
	second.sees("#conflict", "Theirs")
	second.shoot("admin-conflict-1440")
	second.do(chromedp.EmulateViewport(320, 900))
	second.shoot("admin-conflict-320")
	second.fits("admin-conflict", 320)
	second.do(chromedp.EmulateViewport(1440, 900))
	if got := a.field(1, "first_name"); got != "Theirs" {
		t.Errorf("before the decision: got %s, want theirs", got)
	}
	second.click("[name=_save]")
	second.sees(".alert-good", "was changed successfully")
	if name, phone := a.field(1, "first_name"), a.field(1, "phone"); name != "Mine" || phone != "123" {
		t.Errorf("after it: got %s, %s", name, phone)
	}
	second.cleanBut("status of 409")
}

// checkAdminBulk deactivates 50,000 users, pauses, and goes on after a reload.
func checkAdminBulk(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/users/tuser/?q=user-", ".admin-table")
	b.click("#select-page")
	b.sees("#selected-count", "50 of 50 selected")
	b.click("[name=select_across]")
	b.sees("#selected-count", "All are selected")
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("action").value = "deactivate_selected"`))
	b.click(".action-bar .button")
	b.sees("main", "45,000 users will be deactivated. 5,000 of the selected will not be changed.")
	b.sees("main", "Search: “user-”")
	b.shoot("admin-bulk-question")
	b.click(".record-form .button-primary")
	b.until(`document.querySelector("progress")?.value >= 2000`)
	b.click("#work-pause")
	b.until(`document.getElementById("work-pause").hidden`)
	b.shoot("admin-bulk-paused")
	paused := ask[float64](b, `document.querySelector("progress").value`)
	b.do(chromedp.Navigate(ask[string](b, "location.href")))
	for _, reached := range []float64{paused + 1, 15_000, 30_000, 45_000} { // each in good time
		b.until(fmt.Sprintf(`document.querySelector("progress")?.value >= %f || document.querySelector("main").innerText.includes("Back to the list")`, reached))
	}
	b.sees("main", "Back to the list")
	b.sees("#work-text", "45,000 users were deactivated, 5,000 not changed.")
	if got := a.number("/api/users/active_count/", "active_users_count"); got != 0 {
		t.Errorf("got %d active users, want none", got)
	}
	b.clean()
}

// checkAdminScriptless deletes all users that match without JavaScript.
func checkAdminScriptless(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/users/tuser/?is_active__exact=1", ".admin-table")
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.open("/admin/users/tuser/?is_active__exact=1", ".admin-table")
	b.do(chromedp.Click(chromedp.CSS("[name=select_across]")),
		chromedp.SetValue(chromedp.CSS("#action"), "delete_selected"),
		chromedp.Click(chromedp.CSS(".action-bar .button")), chromedp.WaitVisible(chromedp.CSS(".button-danger-solid")),
		chromedp.Click(chromedp.CSS(".button-danger-solid")), chromedp.WaitVisible(chromedp.CSS("progress[value='500']")),
		chromedp.Click(chromedp.CSS("#work-on")), chromedp.WaitVisible(chromedp.CSS("progress[value='1000']")),
		chromedp.Click(chromedp.CSS("#work-on")), chromedp.WaitVisible(chromedp.CSS(".alert-good")))
	if got := a.number("/api/users/", "count"); got != 120 {
		t.Errorf("got %d users, want the 120 that are not active", got)
	}
	b.clean()
}
