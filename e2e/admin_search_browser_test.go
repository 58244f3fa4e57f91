package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// toolPages are the pages for all kinds of records.
var toolPages = []shownPage{
	{"search", "/admin/search/?q=user", ".search-results", ""},
	{"search-none", "/admin/search/?q=nomatch", ".empty", ""},
	{"search-start", "/admin/search/", "#q", ""},
	{"search-open", "/admin/", ".apps", searching("user")},
	{"settings", "/admin/settings/", ".settings-table", ""},
	{"schedule-add", schedulesPath + "add/", ".preview-items", ""},
	{"schedule-words", schedulesPath + "add/?type=nth", ".preview-items", ""},
	{"log-levels", "/admin/settings/loglevels/", ".form", ""},
}

// checkToolPages looks at each of them.
func checkToolPages(t *testing.T, a *adminSite) {
	t.Helper()
	lookAt(t, a.logIn(t, "/admin/", ".apps"), toolPages)
}

// searching types a text into the search of the header and waits for results.
func searching(text string) string {
	return fmt.Sprintf(`(field => {
		field.focus();
		if (!field.value) { field.value = %q; field.dispatchEvent(new Event("input")); }
		return document.querySelectorAll(".hit").length > 0;
	})(document.querySelector(".site-search input[role]"))`, text)
}

// control sends a key together with the control key.
func (b *tab) control(key, code string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		event := input.DispatchKeyEventParams{Type: kind, Key: key, Code: code, Modifiers: 2}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, event); err != nil {
			b.t.Fatal(err)
		}
	}
}

// checkAdminSearch finds a person, an action and a page with the keyboard alone.
func checkAdminSearch(t *testing.T, a *adminSite) {
	t.Helper()
	const (
		field    = `document.querySelector(".site-search input")`
		open     = `document.activeElement === ` + field + ` && ` + field + `.getAttribute("aria-expanded") === "true"`
		closed   = `document.getElementById("search-hits").hidden && ` + field + `.getAttribute("aria-expanded") === "false"`
		selected = `document.getElementById(` + field + `.getAttribute("aria-activedescendant"))?.innerText`
	)
	b := a.logIn(t, "/admin/", ".apps")
	b.until(field + `.getAttribute("role") === "combobox"`)
	b.keys("/")
	b.until(`document.activeElement === ` + field + ` && ` + field + `.value === ""`)
	b.keys("user-000007")
	b.until(open)
	b.sees(".search-hits", "user-000007@example.com")
	b.keys(kb.ArrowDown)
	b.until(selected + `.startsWith("user-000007")`)
	b.keys(kb.ArrowDown) // past the end nothing is selected
	b.until(`!` + field + `.hasAttribute("aria-activedescendant")`)
	b.keys(kb.ArrowUp)
	b.until(selected + `.startsWith("user-000007")`)
	b.keys(kb.Enter)
	b.until(`document.getElementById("id_username")?.value === "user-000007"`)
	b.control("k", "KeyK")
	b.until(`document.activeElement === ` + field)
	b.keys("create user")
	b.until(open + ` && document.querySelector(".hit")?.innerText === "Add user"`)
	b.keys(kb.Escape)
	b.until(closed + ` && ` + field + `.value === "create user"`)
	b.keys(kb.Escape)
	b.until(field + `.value === ""`)
	b.keys("zzz")
	b.sees(".search-hits", "No results")
	b.keys(kb.ArrowDown)
	b.until(`!` + field + `.hasAttribute("aria-activedescendant")`)
	b.keys(kb.Enter)
	b.sees("main", "No results for “zzz”")
	b.open("/admin/users/tuser/add/", "#id_username")
	b.enter("#id_username", "a/b") // typed where text belongs
	b.until(`document.getElementById("id_username").value === "a/b"`)
	b.clean()
}
