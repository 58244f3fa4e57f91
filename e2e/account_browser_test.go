package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBrowser_Account: a page that needs a login leads to it and back, the header
// shows the account, menus close, and controls follow permissions.
func TestBrowser_Account(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	dir := t.TempDir()
	seed(t, dir, 12)
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3")}
	closed, open := startServer(t, dir, "API_PERMISSION=DjangoModelPermissions"), startServer(t, dir)
	addSuperuser(t, settings, "boss")
	axe := readAxe(t)
	page := staffTab{newUsersTab(newVisitor(browser, t), t, closed), axe}
	page.open("/users/?search=user", "main h1")
	page.sees("main", "You are not logged in.")
	page.everywhere("denied")
	page.cleanBut("403")
	page.click("main .button-primary")
	page.until(`!!document.querySelector("#username")`)
	page.everywhere("login")
	page.give("boss", staffPassword)
	page.until(`location.pathname + location.search === "/users/?search=user" && document.documentElement.dataset.ready === "users"`)
	page.sees(".account summary", "boss")
	page.click(".account summary")
	page.sees(".account .menu-panel", "Logged in as boss")
	page.everywhere("menu")
	page.checkMenus()
	page.makeClerk()

	clerk := staffTab{newUsersTab(newVisitor(browser, t), t, open), axe}
	clerk.open("/users/", "#results .switch") // which everyone may use here
	clerk.open("/admin/login/?next=/users/", "#username")
	clerk.give("clerk", staffPassword)
	clerk.until(`location.pathname === "/users/" && document.documentElement.dataset.ready === "users"`)
	if got := ask[int64](clerk.tab, `document.querySelectorAll(".switch, [data-edit], [data-delete], #new-user, .col-actions").length`); got != 0 {
		t.Errorf("a clerk who may only view has %d controls", got)
	}
	if got := ask[string](clerk.tab, `[...document.querySelectorAll(".users-table tbody td:last-child")].map(c => c.innerText.trim()).join()`); strings.Contains(got, "–") {
		t.Errorf("the last column shows %s", got)
	}
	clerk.everywhere("view-only")
	clerk.open("/users/?edit=1", "#results")
	clerk.until(`document.documentElement.dataset.ready === "users"`)
	if ask[bool](clerk.tab, `document.getElementById("editor").open`) {
		t.Error("an address opens the editor for a clerk who may only view")
	}
	clerk.clean()
}

// everywhere looks at the page at every width, in the light and in the dark.
func (p staffTab) everywhere(name string) {
	p.t.Helper()
	p.look("account-" + name)
	for _, width := range []int64{768, 1920} {
		p.do(chromedp.EmulateViewport(width, 900))
		for _, scheme := range []string{"light", "dark"} {
			p.prefer(scheme)
			p.shoot(fmt.Sprintf("staff-account-%s-%d-%s", name, width, scheme))
		}
		if got := ask[int64](p.tab, "document.documentElement.scrollWidth"); got > width {
			p.t.Errorf("%s: the page is %d pixels wide, want at most %d", name, got, width)
		}
	}
	p.prefer("light")
	p.do(chromedp.EmulateViewport(1440, 900))
}

// checkMenus opens the menus of a list: one at a time, until Escape, a click
// elsewhere, or the focus elsewhere closes it.
func (p staffTab) checkMenus() {
	p.t.Helper()
	p.open("/admin/users/tuser/", ".admin-table")
	const opened = `[...document.querySelectorAll("details.menu[open] > summary")].map(s => s.innerText.trim()).join()`
	want := func(text string) {
		p.t.Helper()
		p.until(fmt.Sprintf("(%s) === %q", opened, text))
	}
	const display, export = ".filters .menu:nth-of-type(2) > summary", ".filters .menu:nth-of-type(3) > summary"
	p.click(display)
	want("Display")
	p.click(export)
	want("Export")
	p.everywhere("menus")
	p.click(display)
	want("Display")
	p.click(".account summary")
	p.until(`document.querySelector(".account").open && document.querySelectorAll("details.menu[open]").length === 1`)
	p.keys(kb.Escape)
	want("")
	if !ask[bool](p.tab, `document.activeElement.matches(".account summary")`) {
		p.t.Error("Escape does not return the focus to the button of the menu")
	}
	p.click(display)
	want("Display")
	p.click(".filters .menu-panel label")
	want("Display")
	p.click("main h1")
	want("")
	p.click(export)
	want("Export")
	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("q").focus()`))
	want("")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".filters .menu").forEach(m => { m.open = true })`))
	p.until(`document.querySelectorAll("details.menu[open]").length === 1`)
	p.cleanBut("403") // of the page without a login
}

// makeClerk adds an account that may view users, with the form as it is offered.
func (p staffTab) makeClerk() {
	p.t.Helper()
	p.open("/admin/auth/user/add/", ".record-form")
	p.enter("#id_username", "clerk")
	p.enter("#id_password", staffPassword)
	p.enter("#id_password_again", staffPassword)
	p.click(`[name=permissions][value="users.view_tuser"]`)
	p.everywhere("add")
	p.click("[name=_save]")
	p.sees(".alert", "was added successfully")
	p.cleanBut("403")
}
