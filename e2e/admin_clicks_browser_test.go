package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// counter counts clicks, as presses of the mouse button, on all pages of a tab.
type counter struct {
	*tab

	clicks int
}

// click clicks on an element and counts it.
func (c *counter) click(selector string) {
	c.t.Helper()
	c.clicks++
	c.tab.click(selector)
}

// menu clicks on an item of the navigation.
func (c *counter) menu(name string) {
	c.t.Helper()
	c.click(fmt.Sprintf(`.side a[title=%q]`, name))
	c.until(fmt.Sprintf(`document.querySelector(".side [aria-current]")?.title === %q`, name))
}

// pick clicks on a select and types the beginning of a choice.
func (c *counter) pick(selector, value string) {
	c.t.Helper()
	c.clicks++
	c.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(s => { s.focus(); s.value = %q; s.dispatchEvent(new Event("change", { bubbles: true })); })(document.querySelector(%q))`, value, selector)))
}

// find opens the page of a record by the search of the header, with the keyboard.
func (c *counter) find(text, shown string) {
	c.t.Helper()
	c.until(`document.querySelector(".site-search input")?.getAttribute("role") === "combobox"`)
	c.control("k", "KeyK")
	c.keys(text)
	c.sees(".search-hits", text)
	c.keys(kb.ArrowDown)
	c.until(`document.querySelector(".site-search input").hasAttribute("aria-activedescendant")`)
	c.keys(kb.Enter)
	c.until(shown)
}

// walk is a task of a person on the home page, and the clicks that it may take.
type walk struct {
	name string
	most int
	do   func(*testing.T, *counter)
}

var walks = []walk{
	{"cleanup every night at 03:00 in Berlin", 4, func(_ *testing.T, c *counter) {
		c.click(`.models a[href="/admin/django_celery_beat/periodictask/add/"]`)
		c.until(`!!document.getElementById("id_on.time")`)
		c.click("#id_name")
		c.keys("Clean up")
		c.pick("#id_task", "cleanup_inactive_users")
		c.enter(`[name="crontab.timezone"]`, "Europe/Berlin")
		c.sees("#preview", "Every day at 03:00 (Europe/Berlin).")
		c.click("[name=_save]")
		c.sees(".alert-good", "“Clean up” was added successfully")
	}},
	{"a colleague who may only look", 5, func(_ *testing.T, c *counter) {
		c.click(`.models a[href="/admin/auth/user/add/"]`)
		c.until(`document.querySelector("#id_preset option[data-values]") && document.querySelector("[data-filter]")?.hidden === false`)
		c.click("#id_username")
		c.keys("viewer")
		c.enter("#id_password", staffPassword)
		c.enter("#id_password_again", staffPassword)
		c.pick("#id_preset", "view")
		c.until(`document.querySelectorAll("[name=permissions]:checked").length === 5`)
		c.click("[name=_save]")
		c.sees(".alert-good", "was added successfully")
	}},
	{"a token for a script", 3, func(_ *testing.T, c *counter) {
		c.click(".account summary")
		c.click(`.account a[href="/admin/tokens/"]`)
		c.until(`!!document.getElementById("days")`)
		c.enter("#name", "nightly export")
		c.click("main .button-primary")
		c.sees(".alert-good", "“nightly export” was created.")
	}},
	{"the sessions of a colleague ended", 3, func(_ *testing.T, c *counter) {
		c.menu("Staff")
		c.click(`#rows a[href*="/user/2/"]`)
		c.click(`form[action*="/end-sessions/"] button`)
		c.sees(".alert-good", "1 session was ended.")
	}},
	{"a second factor reset", 3, func(_ *testing.T, c *counter) {
		c.find("colleague", `!!document.querySelector('a[href$="/two-factor/"]')`)
		c.click(`a[href$="/two-factor/"]`)
		c.click("main form .button-danger-solid, main form .button-danger")
		c.sees(".alert-good", "was reset")
	}},
	{"new users per week", 1, func(_ *testing.T, c *counter) {
		c.sees("main", "New in 7 days")
		c.sees("main", "in the 7 days before")
	}},
	{"the last backup", 1, func(_ *testing.T, c *counter) { c.sees("main", "Last backup") }},
	{"the next runs", 1, func(_ *testing.T, c *counter) { c.sees("main", "Next runs") }},
	{"a person found", 1, func(_ *testing.T, c *counter) {
		c.find("user-000007@", `document.getElementById("id_username")?.value === "user-000007"`)
	}},
	{"who changed an address", 3, func(_ *testing.T, c *counter) {
		c.menu("Audit")
		c.enter("#q", "user-000009@example.com")
		c.keys(kb.Enter)
		c.sees("[role=status]", "1 audit entry")
		c.click("#rows th a")
		c.sees("main", "user-000009@example.com")
		c.sees("main", "root")
	}},
	{"a filtered list as XLSX", 3, func(_ *testing.T, c *counter) {
		c.menu("Users")
		c.enter("#q", "user-00001")
		c.keys(kb.Enter)
		c.sees("[role=status]", "10 users")
		c.click(".filters details:last-of-type summary")
		c.until(`document.querySelector('.filters a[href*="export/xlsx/?q=user-00001"]')?.checkVisibility()`)
		c.clicks++ // a download leaves the page as it is
		if got := ask[string](c.tab, download); got != "PK" {
			c.t.Errorf("got a file that begins with %q", got)
		}
	}},
	{"a domain deactivated, and that undone", 6, func(_ *testing.T, c *counter) {
		c.menu("Users")
		c.enter("#q", `email ew "@example.com"`)
		c.keys(kb.Enter)
		c.until(`!!document.querySelector("[name=select_across]") && document.getElementById("select-page").hidden === false`)
		c.click("[name=select_across]")
		c.pick("#action", "deactivate_selected")
		c.click(".action-bar .button")
		c.sees("main", "will be deactivated.")
		c.click(".record-form .button-primary")
		c.sees(".alert-good", "were deactivated")
		if c.clicks > 5 {
			c.t.Errorf("got %d clicks to deactivate", c.clicks)
		}
		c.click(".undo button")
		c.sees(".alert-good", "were activated.")
	}},
}

// download reads the first letters of the file behind the link.
const download = `(() => { const r = new XMLHttpRequest(); r.open("GET", document.querySelector('.filters a[href*="export/xlsx/"]').href, false); r.send(); return r.responseText.slice(0, 2); })()`

// prepareColleague adds a colleague with a second factor, who is logged in.
func (a *adminSite) prepareColleague(t *testing.T) {
	t.Helper()
	addSuperuser(t, []string{"DB_NAME=" + a.database}, "colleague")
	p := staffTab{newUsersTab(newVisitor(a.browser, t), t, a.server), ""}
	p.open("/admin/login/", "#username")
	p.give("colleague", staffPassword)
	p.sees("h1", "Home")
	p.enrol(func(string) {})
}

// checkClicks walks what people do most from the home page, and counts the clicks.
func checkClicks(t *testing.T, a *adminSite) {
	t.Helper()
	a.prepareColleague(t)
	b := a.logIn(t, "/admin/", ".apps")
	b.open("/admin/users/tuser/9/change/", "#id_email")
	b.enter("#id_email", "moved@example.com")
	b.click("[name=_save]")
	b.sees(".alert-good", "was changed successfully")
	var lines []string
	for _, w := range walks {
		b.open("/admin/", ".apps")
		c := &counter{tab: b}
		w.do(t, c)
		if c.clicks > w.most {
			t.Errorf("%s: %d clicks, want at most %d", w.name, c.clicks, w.most)
		}
		lines = append(lines, fmt.Sprintf("%s: %d", w.name, c.clicks))
	}
	t.Logf("clicks from the home page:\n%s", strings.Join(lines, "\n"))
	b.clean()
}
