package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestBrowser looks at the pages with a real browser, which all its parts
// share. With ROSTER_SHOTS set to a folder it leaves pictures there.
func TestBrowser(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	t.Run("Pages", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, t.TempDir())
		for i := range 12 {
			s.create(fmt.Sprintf("user-%02d", i))
		}
		for _, width := range widths {
			for _, p := range pages {
				t.Run(fmt.Sprintf("%s %d", p.path, width), func(t *testing.T) {
					t.Parallel()
					checkPage(t, newTab(newVisitor(browser, t), t, s), p, width)
				})
			}
		}
	})
	t.Run("Users", func(t *testing.T) {
		t.Parallel()
		checkUserStory(t, newTab(newVisitor(browser, t), t, startServer(t, t.TempDir())))
	})
	t.Run("Hostile", func(t *testing.T) {
		t.Parallel()
		checkHostileUser(t, newTab(newVisitor(browser, t), t, startServer(t, t.TempDir())))
	})
}

// browserPath returns the program without windows, which takes half the
// processor time, or else Chromium itself.
func browserPath() string {
	for _, name := range []string{"chromium-headless-shell", "chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "chromium" // chromedp reports that it is missing
}

// startBrowser starts Chromium without a window. As root it has no sandbox.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browserPath()))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	browser, closeAll := chromedp.NewContext(allocator)
	t.Cleanup(closeAll)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("Chromium does not start (scripts/need.sh chromium installs it): %v", err)
	}
	return browser
}

// newVisitor returns a browser with cookies of its own: servers on different
// ports of one host would share them.
func newVisitor(browser context.Context, t *testing.T) context.Context {
	t.Helper()
	visitor, leave := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	if err := chromedp.Do(visitor); err != nil {
		t.Fatal(err)
	}
	return visitor
}

// tab is a tab that notes what goes wrong in it.
type tab struct {
	t      *testing.T
	ctx    context.Context
	server *server
	mu     sync.Mutex
	faults []string
}

func newTab(visitor context.Context, t *testing.T, s *server) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(visitor)
	t.Cleanup(closeTab)
	b := &tab{t: t, ctx: ctx, server: s}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%v\n%s", err, strings.Join(b.found(), "\n"))
	}
}

// open goes to a path of the server and waits until the page has what it shows.
func (b *tab) open(path, shown string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.server.url+path), chromedp.WaitVisible(chromedp.CSS(shown)))
}

// until waits until a JavaScript expression is true, on this page or on the
// one that the tab is going to.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := poll(ctx, expression)
	for err != nil && ctx.Err() == nil { // the page was left meanwhile, or runs no scripts
		err = poll(ctx, expression)
	}
	if err != nil {
		state, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](pageState)) // for the message alone
		b.t.Fatalf("%v: never true: %s\n%s\n%s", err, expression, state, strings.Join(b.found(), "\n"))
	}
}

// poll waits for ten seconds at most: in a page without scripts, an expression that is
// false at first is never evaluated again.
func poll(ctx context.Context, expression string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Poll[chromedp.Void](expression))
}

// pageState is what a page shows, for those who look for a fault.
const pageState = `[location.href, "focus: " + document.activeElement?.outerHTML.slice(0, 120),
	"open: " + (document.querySelector("dialog[open]")?.innerText ?? ""), document.querySelector("main")?.innerText,
	document.getElementById("toasts")?.innerText].join("\n").slice(0, 2000)`

// ask returns the value of a JavaScript expression.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

func (b *tab) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

func (b *tab) found() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.faults
}

// listen notes errors on the console, violations of the policy among them,
// requests to others and dialogs of scripts.
func (b *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text, _ := json.Marshal(e.Args)
			b.note("console: %s", text)
		}
	case *runtime.EventExceptionThrown:
		b.note("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			b.note("log: %s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.server.url+"/") && !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			b.note("request to another origin: %s", e.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.note("dialog: %s", e.Message)
		go func() {
			_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) // the tab may be closed
		}()
	}
}

// clean fails the test with what was noted.
func (b *tab) clean() {
	b.t.Helper()
	for _, fault := range b.found() {
		b.t.Error(fault)
	}
}

// shoot leaves a picture of the whole page.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("ROSTER_SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// pages are what people open, each with something that is there once it is whole.
var pages = []struct{ name, path, shown string }{
	{"welcome", "/", "main h1"},
	{"index", "/api/", "main h1"},
	{"list", "/api/users/", "#panel-form"},
	{"user", "/api/users/1/", "#panel-form"},
	{"missing", "/nowhere/", "main h1"},
	{"swagger", "/swagger/", ".opblock"},
	{"redoc", "/redoc/", ".api-content h1"},
}

// checkPage looks at one page at one width, in the light and in the dark.
func checkPage(t *testing.T, b *tab, p struct{ name, path, shown string }, width int64) {
	t.Helper()
	b.do(chromedp.EmulateViewport(width, 900))
	b.open(p.path, p.shown)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer(scheme)
		b.do(chromedp.WaitVisible(chromedp.CSS(p.shown))) // again, because a script redraws the page in other colors
		b.fits(scheme, width)
		if got := ask[string](b, "getComputedStyle(document.body).backgroundColor"); isDark(got) != (scheme == "dark") {
			t.Errorf("%s: the background is %s", scheme, got)
		}
		b.shoot(fmt.Sprintf("%s-%d-%s", p.name, width, scheme))
	}
	if p.name != "missing" { // the browser itself notes a 404
		b.clean()
	}
}

// widest names what reaches beyond the window.
const widest = `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
	.slice(0, 5).map(e => e.tagName + "." + e.className).join(", ")`

// isDark reports whether a colour such as rgb(10, 20, 30) is nearer to black.
func isDark(colour string) bool {
	var r, g, b int
	_, _ = fmt.Sscanf(colour, "rgb(%d, %d, %d)", &r, &g, &b) // what is not of this form is no dark colour
	return strings.HasPrefix(colour, "rgb(") && r+g+b < 3*128
}

// answered waits until the page shows the answer with that status.
func (b *tab) answered(status int) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector(".status-line")?.textContent.includes("HTTP %d")`, status))
}

// fill types into a field of the form.
func (b *tab) fill(name, text string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("field-`+name+`").value = ""`),
		chromedp.SendKeys(chromedp.CSS("#field-"+name), text))
}

func (b *tab) press(method string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(`#panel-form [data-method="` + method + `"]`)))
}

// checkUserStory makes, changes and deletes a user on the page, by hand.
func checkUserStory(t *testing.T, b *tab) {
	t.Helper()
	b.open("/api/users/", "#panel-form")
	b.fill("username", "ab")
	b.fill("email", "nonsense")
	b.press("POST")
	b.answered(http.StatusBadRequest)
	for field, want := range map[string]string{
		"username": "Username must be at least 3 characters long.", "email": "Enter a valid email address.",
	} {
		if got := ask[string](b, `document.getElementById("fault-`+field+`").innerText.trim()`); got != want {
			t.Errorf("fault of %s: got %q, want %q", field, got, want)
		}
	}
	if got := ask[string](b, "document.activeElement.name"); got != "username" {
		t.Errorf("focus after a fault: got %q, want the first bad field", got)
	}
	b.shoot("form-refused")

	b.fill("username", "typed")
	b.fill("email", "typed@example.com")
	b.press("POST")
	b.answered(http.StatusCreated)
	b.shoot("form-created")

	if status, text := b.server.call(http.MethodPatch, "/api/users/1/", `{"last_name":null}`); status != http.StatusOK {
		t.Fatalf("PATCH: got %d %s, want 200", status, text)
	}
	b.open("/api/users/1/", "#panel-form")
	b.fill("first_name", "Changed")
	b.press("PATCH")
	b.until(`document.querySelector(".code")?.textContent.includes('"Changed"')`)
	if _, text := b.server.call(http.MethodGet, "/api/users/1/", ""); !strings.Contains(text, `"first_name":"Changed","last_name":null`) {
		t.Errorf("after PATCH of one field: got %s", text)
	}

	b.do(chromedp.Click(chromedp.CSS("[data-open=delete-dialog]")), chromedp.WaitVisible(chromedp.CSS("#delete-dialog")))
	b.shoot("delete-dialog")
	b.do(chromedp.Click(chromedp.CSS("#delete-dialog [data-send=DELETE]")), chromedp.WaitNotPresent(chromedp.CSS("#panel-form")))
	if status, _ := b.server.call(http.MethodGet, "/api/users/1/", ""); status != http.StatusNotFound {
		t.Errorf("after DELETE: got %d, want 404", status)
	}
	b.shoot("deleted")
	for _, fault := range b.found() {
		if !strings.Contains(fault, "status of 400") { // the browser notes it; it was meant
			t.Error(fault)
		}
	}
}

// checkHostileUser shows a user whose every field is an attempt to run a
// script. It must be seen as text.
func checkHostileUser(t *testing.T, b *tab) {
	t.Helper()
	const image, short = `<img src=x onerror=alert(1)>`, `<a onclick=alert(1)>`
	body, err := json.Marshal(map[string]string{
		"username": image, "first_name": image, "last_name": image, "address": image + "</textarea></code></pre><script>alert(1)</script>",
		"phone": short, "email": `"<img/src=x/onerror=alert(1)>"@example.com`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := b.server.call(http.MethodPost, "/api/users/", string(body)); status != http.StatusCreated {
		t.Fatalf("got %d %s, want 201", status, text)
	}
	for _, path := range []string{"/api/users/", "/api/users/1/", "/api/users/?page=1&x=" + "%3Cimg%20src=x%20onerror=alert(1)%3E"} {
		b.open(path, ".code")
		if got := ask[string](b, `document.querySelector(".code").innerText`); !strings.Contains(got, image) || !strings.Contains(got, short) {
			t.Errorf("%s: the text is not shown as it is: %s", path, got)
		}
		if got := ask[int](b, `document.querySelectorAll("main img, main script, [onerror], [onclick]").length`); got != 0 {
			t.Errorf("%s: got %d elements out of text, want 0", path, got)
		}
	}
	b.shoot("hostile")
	b.open("/api/users/1/", "#panel-form")
	if got := ask[string](b, `document.getElementById("field-first_name").value`); got != image {
		t.Errorf("the form has %q, want %q", got, image)
	}
	b.press("PUT")
	b.answered(http.StatusOK)
	b.until(`document.querySelector(".code").innerText.includes("onerror=alert(1)")`)
	b.clean()
}
