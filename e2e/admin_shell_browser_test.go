package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// maxTabStops is the number of keys to the first record of a list.
const maxTabStops = 8

// checkAdminShell uses the navigation, the search and the skip links, and weighs pages.
func checkAdminShell(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/", ".apps")
	if got := ask[string](b, `[...document.querySelectorAll(".side ul:first-of-type a span")].map(a => a.textContent).join(", ")`); got != "Home, Users, Trash, Mail, Workers, Tasks, Daily reports, Schedules, Audit, Staff, Groups, Settings" {
		t.Errorf("got the navigation %s", got)
	}
	b.click(`.side a[href="/admin/users/tuser/"]`)
	b.until(`document.querySelector(".side [aria-current]")?.textContent === "Users"`)
	b.click("#side-narrow")
	b.until(`document.querySelector(".side").offsetWidth < 80`)
	b.open("/admin/sessions/", ".sessions")
	b.until(`document.querySelector(".side").offsetWidth < 80`)
	b.click("#side-narrow")
	b.enter(".site-search input", "user-000007")
	b.keys(kb.Enter)
	b.sees("main", "1 result for “user-000007”")
	b.checkSheet(readAxe(t))
	b.open("/admin/users/tuser/", ".admin-table")
	keys := 0
	for _, key := range []string{kb.Tab, kb.Tab, kb.Enter, kb.Tab, kb.Tab} {
		b.keys(key)
		keys++
	}
	b.until(`document.activeElement.matches("#rows tr:first-child th a")`)
	t.Logf("%d keys to the first record", keys)
	if keys > maxTabStops {
		t.Errorf("got %d keys to the first record, want at most %d", keys, maxTabStops)
	}
	weight, requests := b.weigh()
	for _, path := range []string{"/admin/", "/admin/users/tuser/", "/admin/users/tuser/1/change/", "/admin/tasks/overview/", "/admin/sessions/", "/users/"} {
		weight.Store(0)
		requests.Store(0)
		b.open(path, "main h1")
		b.until(`performance.getEntriesByName("first-contentful-paint").length > 0`)
		t.Logf("%s: %d requests, %d bytes", path, requests.Load(), weight.Load())
		if got := weight.Load(); got > maxWeight || got < 5<<10 {
			t.Errorf("%s weighs %d bytes, want 5 KiB to %d", path, got, maxWeight)
		}
	}
	b.clean()
}

// checkSheet opens the navigation on a phone and leaves it with Escape.
func (b *tab) checkSheet(axe string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(320, 900))
	b.open("/admin/users/tuser/", ".admin-table")
	b.click(".side-open")
	b.until(`document.getElementById("side").matches(":popover-open")`)
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	b.prefer("light") // and without motion
	for _, violation := range b.violations("html", "{}") {
		b.t.Errorf("open navigation: %s", violation)
	}
	b.shoot("admin-sheet-320")
	b.keys(kb.Escape)
	b.until(`!document.getElementById("side").matches(":popover-open")`)
	b.do(chromedp.EmulateViewport(1440, 900))
}

// checkAdminLists selects a range, opens a row by key, and undoes a deactivation.
func checkAdminLists(t *testing.T, a *adminSite) {
	t.Helper()
	b := a.logIn(t, "/admin/users/tuser/?o=1&is_active__exact=1&per_page=25", ".admin-table")
	b.sees(".chips", "Is active: Yes")
	const press = `document.querySelectorAll("[name=_selected_action]")[%d].dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: %t }))`
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(press, 1, false)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(press, 4, true)))
	b.sees("#selected-count", "4 of 25 selected")
	b.do(chromedp.SetValue(chromedp.CSS("#action"), "deactivate_selected"))
	b.click(".action-bar .button")
	b.sees("main", "4 users will be deactivated.")
	b.click(".record-form .button-primary")
	b.sees(".alert-good", "4 users were deactivated.")
	b.shoot("admin-undo-1440")
	b.click(".undo button")
	b.sees(".alert-good", "4 users were activated.")
	if got := a.number("/api/users/active_count/", "active_users_count"); got != 54 {
		t.Errorf("got %d active users, want the 54 that were", got)
	}
	b.click(".chip")
	b.sees("main [role=status]", "60 users")
	b.until(`document.readyState === "complete" && (document.querySelector("#rows input").focus(), true)`) // its script has run
	b.keys(kb.ArrowDown, kb.ArrowDown, kb.Enter)
	b.until(`document.getElementById("id_username")?.value === "user-000003"`)
	b.clean()
}
