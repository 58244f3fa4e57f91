package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// newUsersTab is newTab with a tab that believes that it has the focus,
// whatever other tabs do.
func newUsersTab(visitor context.Context, t *testing.T, s *server) *tab {
	t.Helper()
	tab := newTab(visitor, t, s)
	if _, err := chromedp.Call(tab.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: messagesStay}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(tab.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	tab.do(chromedp.EmulateViewport(1440, 900))
	return tab
}

// messagesStay keeps messages of the page until they are dismissed. They would
// go by themselves after some seconds, before a slow test has read them.
const messagesStay = `{
	const start = window.setTimeout;
	window.setTimeout = (f, after, ...rest) => after === 7000 ? 0 : start(f, after, ...rest);
}`

// users opens the users page and waits until its script has taken over.
func (b *tab) users(query string) {
	b.t.Helper()
	b.open("/users/"+query, "#results")
	b.until(`document.documentElement.dataset.ready === "users"`)
}

// click clicks on the first such element, on its successor when the list is
// replaced meanwhile.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
	for err != nil && ctx.Err() == nil {
		err = chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
	}
	if err != nil {
		b.t.Fatalf("click on %s: %v\n%s", selector, err, strings.Join(b.found(), "\n"))
	}
}

// enter replaces what a control holds by typing.
func (b *tab) enter(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const c = document.querySelector(` + strconv.Quote(selector) + `); c.focus(); c.select(); })()`))
	b.keys(text)
}

// keys presses keys wherever the focus is. The text of a key goes with its
// first event, so that a script that takes the key takes the text as well.
func (b *tab) keys(texts ...string) {
	b.t.Helper()
	for _, key := range strings.Join(texts, "") {
		events := kb.Encode(key)
		down, up := events[0], events[len(events)-1]
		if len(events) == 3 {
			down.Text = events[1].Text
		}
		for _, event := range []*input.DispatchKeyEventParams{down, up} {
			if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, *event); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

// sees waits until the visible text of the first such element contains text.
func (b *tab) sees(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector(%q)?.innerText.includes(%q)`, selector, text))
}

// lists waits until the list shows exactly these usernames, in this order.
func (b *tab) lists(usernames ...string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll("#results .user-link")].map(a => a.textContent).join(" ") === %q`, strings.Join(usernames, " ")))
}

// address waits until the address is that of the users page with a query.
func (b *tab) address(query string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`location.pathname + location.search === %q`, "/users/"+query))
}

// back is the browser's button, within a page.
func (b *tab) back() {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void]("history.back()"))
}

// cleanBut fails the test with what was noted, but for what was meant.
func (b *tab) cleanBut(meant ...string) {
	b.t.Helper()
	for _, fault := range b.found() {
		expected := false
		for _, m := range meant {
			expected = expected || strings.Contains(fault, m)
		}
		if !expected {
			b.t.Error(fault)
		}
	}
}

// field asks the API for one field of a user.
func (s *server) field(id int64, name string) string {
	s.t.Helper()
	status, text := s.call(http.MethodGet, fmt.Sprintf("/api/users/%d/", id), "")
	if status != http.StatusOK {
		return http.StatusText(status)
	}
	_, after, _ := strings.Cut(text, strconv.Quote(name)+":")
	value, _, _ := strings.Cut(after, ",")
	return strings.Trim(value, `"}`)
}

// seed makes n users without asking the server: user-000001 and so on, every
// tenth inactive, one a minute.
func seed(t *testing.T, dir string, n int) {
	t.Helper()
	path := filepath.Join(dir, "db.sqlite3")
	if out, err := roster(t, dir, []string{"DB_NAME=" + path}, "migrate").CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	db, err := openSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	const statement = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at)
		SELECT printf('user-%06d', i), printf('user-%06d@example.com', i), 'First', 'Last', printf('+49 %d', i), NULL, i % 10 <> 0,
			strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', '+' || i || ' minutes'), '2026-11-01 12:00:00.000000' FROM n`
	if _, err := db.ExecContext(t.Context(), statement, n); err != nil {
		t.Fatal(err)
	}
}
