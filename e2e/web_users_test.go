package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestWeb uses the users page as people do. All parts share one browser.
func TestWeb(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for name, check := range map[string]func(context.Context, *testing.T){
		"Life": checkLife, "Refused": checkRefused, "Address": checkAddress, "TwoTabs": checkTwoTabs, "Away": checkAway,
		"Many": checkMany, "Hostile": checkHostileList, "Keyboard": checkKeyboard, "Narrow": checkNarrow, "NoScript": checkNoScript,
		"ReadOnly": checkReadOnly, "Figures": checkFigures, "Swagger": checkSwagger, "Weight": checkWeight, "Axe": checkBarriers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(newVisitor(browser, t), t)
		})
	}
}

// checkLife makes a user, changes, deactivates and deletes it, without leaving the page.
func checkLife(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	page := newUsersTab(visitor, t, s)
	page.users("")
	page.sees("#results", "No users yet")

	page.click("#new-user")
	page.enter("#field-username", "ada")
	page.enter("#field-email", "ada@example.com")
	page.click("#editor-save")
	page.lists("ada")
	page.sees("#toasts", "ada was created.")
	page.sees("#summary", "1 user")
	page.address("")
	if got := s.field(1, "first_name"); got != "null" {
		t.Errorf("a field left empty: got %s, want null", got)
	}

	page.click("#user-1")
	page.until(`!document.getElementById("editor-fields").disabled && document.getElementById("field-email").value === "ada@example.com"`)
	page.enter("#field-first_name", "Ada")
	page.enter("#field-address", "12 Analytical Row")
	page.click("#editor-save")
	page.sees("#results .col-name + td, #results td.col-name", "Ada")
	if got := s.field(1, "address"); got != "12 Analytical Row" {
		t.Errorf("the address: got %s", got)
	}
	if got := s.field(1, "last_name"); got != "null" {
		t.Errorf("an untouched field: got %s, want null", got)
	}

	page.click("#switch-1")
	page.until(`document.getElementById("switch-1").ariaChecked === "false"`)
	page.sees("#toasts", "ada was deactivated.")
	if got := s.field(1, "is_active"); got != "false" {
		t.Errorf("is_active: got %s, want false", got)
	}
	page.click(`#toasts [aria-label="Undo"]`)
	page.sees("#toasts", "ada was activated.")
	if got := s.field(1, "is_active"); got != "true" {
		t.Errorf("is_active after undo: got %s, want true", got)
	}

	page.do(chromedp.Evaluate[chromedp.Void](`document.cookie = "roster_csrf=of-another-server; path=/"`))
	page.click("#delete-1")
	page.sees("#delete-dialog", "ada will be deleted permanently")
	page.click("#delete-dialog [data-close]")
	page.click("#delete-1")
	page.click("#delete-dialog [type=submit]")
	page.sees("#results", "No users yet")
	if got := s.field(1, "id"); got != "Not Found" {
		t.Errorf("after deleting: got %s", got)
	}
	page.cleanBut("status of 403")
}

// checkRefused gets every message beside its field, and loses nothing that was typed.
func checkRefused(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	s.create("taken")
	page := newUsersTab(visitor, t, s)
	page.users("")
	page.click("#new-user")
	page.enter("#field-username", "ab")
	page.enter("#field-email", "nonsense")
	page.enter("#field-first_name", "Kept")
	page.click("#editor-save")
	page.sees("#fault-username", "Username must be at least 3 characters long.")
	page.sees("#fault-email", "Enter a valid email address.")
	page.until(`document.activeElement.name === "username" && document.activeElement.ariaInvalid === "true"`)

	page.enter("#field-username", "taken")
	page.enter("#field-email", "new@example.com")
	page.click("#editor-save")
	page.sees("#fault-username", "already exists")
	page.until(`document.getElementById("fault-email").hidden && document.getElementById("field-first_name").value === "Kept"`)

	page.keys(kb.Escape)
	page.click(`#toasts [aria-label="Continue editing"]`)
	page.until(`document.getElementById("editor").open && document.getElementById("field-first_name").value === "Kept"`)
	page.enter("#field-username", "fresh")
	page.keys(kb.Enter)
	page.lists("fresh", "taken")
	page.cleanBut("status of 400")
}

// checkAddress opens shared links, and goes back and forth.
func checkAddress(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	for i := range 12 {
		s.create(fmt.Sprintf("user-%02d", i))
	}
	page := newUsersTab(visitor, t, s)
	page.users("?search=user-1&ordering=username&page_size=25")
	page.lists("user-10", "user-11")
	page.until(`document.getElementById("search").value === "user-1" && document.getElementById("page-size").value === "25"
		&& document.querySelector(".col-username").ariaSort === "ascending"`)
	page.click("#sort-username")
	page.lists("user-11", "user-10")
	page.address("?ordering=-username&page_size=25&search=user-1")
	page.enter("#search", "user-0")
	page.sees("#summary", "10 users found for “user-0”")
	page.back()
	page.lists("user-11", "user-10")
	page.until(`document.getElementById("search").value === "user-1"`)
	page.back()
	page.lists("user-10", "user-11")
	page.do(chromedp.Reload())
	page.lists("user-10", "user-11")

	page.users("")
	page.click("#page-next")
	page.lists("user-01", "user-00")
	page.address("?page=2")
	page.click("#user-1")
	page.address("?page=2&edit=1")
	page.sees("#editor-title", "user-00")
	page.back()
	page.until(`!document.getElementById("editor").open`)
	page.address("?page=2")

	page.users("?page=2&edit=2")
	page.sees("#editor-title", "user-01")
	page.keys(kb.Escape)
	page.address("?page=2")
	page.users("?page=7")
	page.lists("user-01", "user-00")
	page.address("?page=2")
	page.clean()
}

// checkTwoTabs sees in one tab what is done in another.
func checkTwoTabs(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	s.create("first")
	here, there := newUsersTab(visitor, t, s), newUsersTab(visitor, t, s)
	here.users("")
	there.users("")
	here.click("#new-user")
	here.enter("#field-username", "second")
	here.enter("#field-email", "second@example.com")
	here.click("#editor-save")
	here.lists("second", "first")
	there.lists("second", "first")

	there.click("#user-1")
	there.sees("#editor-title", "first")
	there.until(`!document.getElementById("editor-fields").disabled`)
	there.enter("#field-last_name", "Late")
	here.click("#user-1")
	here.until(`!document.getElementById("editor-fields").disabled`)
	here.enter("#field-first_name", "Early")
	here.click("#editor-save")
	here.sees("#results", "Early")
	there.click("#editor-save")
	there.sees("#results", "Early Late")
	here.sees("#results", "Early Late")

	there.click("#user-1")
	there.until(`!document.getElementById("editor-fields").disabled`)
	there.enter("#field-last_name", "Lost")
	here.click("#delete-1")
	here.click("#delete-dialog [type=submit]")
	here.lists("second")
	there.lists("second")
	there.click("#editor-save")
	there.sees("#editor-alert", "Not found.")
	here.clean()
	there.cleanBut("status of 404")
}

// checkAway stops the server while somebody types, and starts it again.
func checkAway(visitor context.Context, t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	s := startServer(t, dir)
	s.create("ada")
	page := newUsersTab(visitor, t, s)
	page.users("")
	page.click("#user-1")
	page.until(`!document.getElementById("editor-fields").disabled`)
	page.enter("#field-first_name", "Typed")
	s.stop()
	page.click("#editor-save")
	page.sees("#editor-alert", "Your changes are saved when it is back")
	page.until(`!document.getElementById("away").hidden && document.getElementById("field-first_name").value === "Typed"`)
	s = startServerAt(t, dir, s.address())
	page.until(`document.getElementById("away").hidden`)
	page.sees("#results td.col-name", "Typed")
	page.until(`!document.getElementById("editor").open`)
	if got := s.field(1, "first_name"); got != "Typed" {
		t.Errorf("got %s, want what was typed", got)
	}

	s.stop()
	page.click("#switch-1")
	page.sees("#toasts", "was not changed")
	page.until(`document.getElementById("switch-1").ariaChecked === "true" && !document.getElementById("away").hidden`)
	page.enter("#search", "nomatch")
	startServerAt(t, dir, s.address())
	page.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("away-retry").click()`)) // the page may have retried and hidden it
	page.sees("#results", "No users match")
	page.address("?search=nomatch")
	page.cleanBut("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "status of 503")
}

// checkMany looks through 100,000 users.
func checkMany(visitor context.Context, t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	seed(t, dir, 100_000)
	page := newUsersTab(visitor, t, startServer(t, dir))
	page.users("?page_size=25")
	page.sees("#summary", "100,000 users")
	page.click(`[id="page-4,000"]`)
	page.sees("#results", "99,976–100,000 of 100,000")
	page.sees("#results tbody tr:last-child", "user-000001")
	page.click(`[name=is_active][value="false"]`)
	page.sees("#summary", "10,000 inactive users")
	page.enter("#search", "a b c d e f g h i j k")
	page.sees("#results", "This search is too long")
	page.enter("#search", "user-0999 first")
	page.sees("#summary", "10 inactive users found")
	page.click("#sort-email")
	page.lists("user-099900", "user-099910", "user-099920", "user-099930", "user-099940", "user-099950", "user-099960", "user-099970", "user-099980", "user-099990")
	page.cleanBut("status of 400")
}

// checkHostileList shows a user whose every field is an attempt to run a script.
func checkHostileList(visitor context.Context, t *testing.T) {
	t.Helper()
	const image = `<img src=x onerror=alert(1)>`
	s := startServer(t, t.TempDir())
	body, err := json.Marshal(map[string]string{
		"username": image, "first_name": image, "last_name": image, "address": image + "</textarea><script>alert(1)</script>",
		"phone": `<a onclick=alert(1)>`, "email": `"<img/src=x/onerror=alert(1)>"@example.com`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := s.call(http.MethodPost, "/api/users/", string(body)); status != http.StatusCreated {
		t.Fatalf("got %d %s, want 201", status, text)
	}
	page := newUsersTab(visitor, t, s)
	page.users("?search=" + "%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E")
	page.lists(image)
	page.sees("#results", `<a onclick=alert(1)>`)
	page.click("#user-1")
	page.sees("#editor-title", image)
	page.until(`document.getElementById("field-address").value.endsWith("</textarea><script>alert(1)</scr" + "ipt>")`)
	page.enter("#field-phone", "1")
	page.click("#editor-save")
	page.sees("#toasts", image+" was saved.")
	page.click("#delete-1")
	page.sees("#delete-name", image)
	if got := ask[int](page, `document.querySelectorAll("main img, main script, [onerror], [onclick]").length`); got != 0 {
		t.Errorf("got %d elements out of text, want 0", got)
	}
	page.clean()
}

// checkKeyboard does everything with keys alone.
func checkKeyboard(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	for _, name := range []string{"one", "two", "three"} {
		s.create(name)
	}
	page := newUsersTab(visitor, t, s)
	page.users("")
	page.keys("?")
	page.until(`document.getElementById("shortcuts").matches(":popover-open")`)
	page.keys(kb.Escape)
	page.until(`!document.getElementById("shortcuts").matches(":popover-open")`)

	page.keys("/", "t", "w", "o")
	page.lists("two")
	page.keys(kb.Escape)
	page.lists("three", "two", "one")
	page.keys(kb.ArrowDown, kb.ArrowDown)
	page.until(`document.activeElement.textContent === "two"`)
	page.keys(kb.Enter)
	page.until(`document.activeElement.id === "field-username" && document.activeElement.value === "two"`)
	page.keys(kb.Tab, kb.Tab, "Second", kb.Enter)
	page.sees("#results", "Second")
	page.until(`document.activeElement.textContent === "two"`)
	page.keys("a")
	page.until(`document.getElementById("switch-2").ariaChecked === "false" && !document.getElementById("switch-2").ariaBusy`)

	page.keys(kb.ArrowUp, kb.Delete)
	page.sees("#delete-name", "three")
	page.until(`document.activeElement.textContent === "Cancel"`)
	page.keys(kb.Tab, kb.Enter)
	page.lists("two", "one")
	page.keys("n")
	page.until(`document.activeElement.id === "field-username"`)
	page.keys("four", kb.Tab, "four@example.com", kb.Enter)
	page.lists("four", "two", "one")
	page.clean()
}

// checkNarrow uses a window of 320 pixels.
func checkNarrow(visitor context.Context, t *testing.T) {
	t.Helper()
	s := startServer(t, t.TempDir())
	s.create("a-user-with-a-long-name-0123456789-0123456789-0123456789")
	page := newUsersTab(visitor, t, s)
	page.do(chromedp.EmulateViewport(320, 640))
	page.users("")
	fits := func(state string) {
		t.Helper()
		if got := ask[int](page, "document.documentElement.scrollWidth"); got > 320 {
			t.Errorf("%s: the page is %d pixels wide, want at most 320; too wide: %s", state, got, ask[string](page, widest))
		}
	}
	fits("list")
	page.click("#new-user")
	page.enter("#field-username", "x")
	page.click("#editor-save")
	page.sees("#fault-email", "blank")
	fits("dialog")
	page.enter("#field-username", "narrow")
	page.enter("#field-email", "narrow@example.com")
	page.click("#editor-save")
	page.sees("#results", "narrow")
	fits("toast")
	page.click("#user-2")
	page.sees("#editor-title", "narrow")
	page.keys(kb.Escape)
	page.click("#switch-2")
	page.until(`document.getElementById("switch-2").ariaChecked === "false"`)
	page.click("#delete-2")
	page.sees("#delete-dialog", "narrow")
	fits("question")
	page.click("#delete-dialog [type=submit]")
	page.sees("#summary", "1 user")
	page.cleanBut("status of 400")
}
