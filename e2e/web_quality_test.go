package e2e_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// maxWeight is what the first view of the users page may cost, in bytes on the wire.
const maxWeight = 60 << 10

// maxShift is how far the page may move while it loads, a tenth of what
// browsers call good (0.1). The links to other pages are as many as there are.
const maxShift = 0.01

// checkWeight counts what the users page loads on a first visit, and what
// moves while it does. How soon it is painted depends on the machine, so that
// is only logged.
func checkWeight(visitor context.Context, t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	seed(t, dir, 1000)
	page := newUsersTab(visitor, t, startServer(t, dir))
	weight, requests := page.weigh()
	page.users("")
	page.until(`performance.getEntriesByName("first-contentful-paint").length > 0`)
	t.Logf("%d requests, %d bytes, first contentful paint after %.0f ms", requests.Load(), weight.Load(),
		ask[float64](page, `performance.getEntriesByName("first-contentful-paint")[0].startTime`))
	if got := weight.Load(); got > maxWeight || got < 10<<10 {
		t.Errorf("the first view weighs %d bytes, want 10 KiB to %d", got, maxWeight)
	}
	page.do(chromedp.Evaluate[chromedp.Void](`window.shift = 0; new PerformanceObserver(list => {
		for (const e of list.getEntries()) window.shift += e.value; }).observe({ type: "layout-shift", buffered: true });`))
	page.click("#page-next")
	page.address("?page=2")
	page.click("#sort-email")
	page.address("?ordering=email")
	page.until("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
	if got := ask[float64](page, "window.shift"); got > maxShift {
		t.Errorf("what the page shows moves by %.4f while it loads, want at most %.4f", got, maxShift)
	}
	page.clean()
}

// weigh counts the bytes and the requests of what the tab loads from now on, without
// its cache.
func (b *tab) weigh() (weight, requests *atomic.Int64) {
	b.t.Helper()
	weight, requests = new(atomic.Int64), new(atomic.Int64)
	err := chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*network.EventLoadingFinished); ok {
			weight.Add(int64(e.EncodedDataLength))
			requests.Add(1)
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		b.t.Fatal(err)
	}
	return weight, requests
}

var staticURL = regexp.MustCompile(`/static/[^"#]+`)

// TestWeb_Caching: browsers ask for a page every time, and for what it loads once a year.
func TestWeb_Caching(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	for _, path := range []string{"/", "/users/", "/users/rows/", "/figures/", "/nowhere/"} {
		got := exchangeRaw(t, s, get(path))
		if cache := got.header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s: got Cache-Control %q, want no-store", path, cache)
		}
		for _, asset := range staticURL.FindAllString(got.body, -1) {
			if cache := exchangeRaw(t, s, get(asset)).header.Get("Cache-Control"); cache != "public, max-age=31536000, immutable" {
				t.Errorf("%s: got Cache-Control %q, want a year", asset, cache)
			}
		}
	}
}

// barrierPages are the pages that axe looks at, each with a step that brings
// it into the state that is looked at. The documentation pages are Swagger
// UI's and ReDoc's own: only what is around them is ours, and ReDoc's takes axe
// seconds to walk through.
var barrierPages = []struct{ name, path, shown, step, only string }{
	{"welcome", "/", "#figures", "", "html"},
	{"users", "/users/", "#results", "", "html"},
	{"search", "/users/?search=user-1&ordering=-email&is_active=true", "#results", "", "html"},
	{"nomatch", "/users/?search=nomatch", ".empty", "", "html"},
	{"editor", "/users/?edit=1", "#editor[open]", `document.getElementById("field-username").value === "user-000001" &&
		document.getElementById("editor-meta").textContent === "Changed 1 Nov 2026, 17:30 GMT+5:30"`, "#editor"},
	{"new", "/users/?edit=new", "#editor[open]", `(window.sent ||= (document.getElementById("editor-save").click(), true)) && !document.getElementById("fault-email").hidden`, "html"},
	{"question", "/users/", "#results", `document.getElementById("delete-dialog").open || document.querySelector("[data-delete]").click()`, "#delete-dialog"},
	{"shortcuts", "/users/", "#results", `document.getElementById("shortcuts").matches(":popover-open") || document.getElementById("help").click()`, "#shortcuts"},
	{"API list", "/api/users/", "#panel-form", "", "html"},
	{"API user", "/api/users/1/", "#panel-form", "", "html"},
	{"swagger", "/swagger/", ".opblock", "", "header"},
	{"redoc", "/redoc/", ".api-content h1", `getComputedStyle(document.querySelector("#redoc .menu-content + div")).backgroundColor === "rgb(224, 241, 242)" &&
		(window.Redoc = { init() {} }) && !document.getElementById("redoc")?.remove()`, "header"},
	{"docs", "/docs/", "article h1", "", "html"},
	{"tutorial", "/docs/tutorial/", "article h1", "", "html"},
	{"decision", "/docs/adr/0006-dependencies/", "article h1", "", "html"},
	{"missing", "/nowhere/", "main h1", "", "html"},
	{"bad request", "/users/?is_active=perhaps", "main h1", "", "html"},
}

// checkBarriers looks at every page.
func checkBarriers(visitor context.Context, t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	seed(t, dir, 60)
	s := startServer(t, dir, "TIME_ZONE=Asia/Kolkata")
	axe := readAxe(t)
	for _, p := range barrierPages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			page := newUsersTab(visitor, t, s)
			page.open(p.path, p.shown)
			if p.step != "" {
				page.until(p.step)
			}
			page.inspect(axe, p.only, "web-"+strings.ReplaceAll(p.name, " ", "-"))
		})
	}
}

// inspect looks at the page as it is, narrow and wide, in the light and in the
// dark: with axe-core at what is below an element, and whether it is as wide as
// the window. In the dark the colours alone are others.
func (b *tab) inspect(axe, only, name string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	for _, width := range widths {
		b.do(chromedp.EmulateViewport(width, 900))
		b.fits(name, width)
		if width == 768 || width == 1920 { // as the others, with more or less room
			continue
		}
		for scheme, rules := range map[string]string{"light": `{}`, "dark": `{ runOnly: { type: "rule", values: ["color-contrast"] } }`} {
			b.prefer(scheme)
			for _, violation := range b.violations(only, rules) {
				b.t.Errorf("%s, %d pixels, %s: %s", name, width, scheme, violation)
			}
			b.shoot(fmt.Sprintf("%s-%d-%s", name, width, scheme))
		}
	}
	b.prefer("light")
}

// fits checks that the page shows what it has without scrolling to the side.
func (b *tab) fits(name string, width int64) {
	b.t.Helper()
	if got := ask[int64](b, "document.documentElement.scrollWidth"); got > width {
		b.t.Errorf("%s: the page is %d pixels wide, want at most %d; too wide: %s", name, got, width, ask[string](b, widest))
	}
	if hidden := ask[int64](b, scrolled); hidden > 1 {
		b.t.Errorf("%s, %d pixels: %d pixels of a table have to be scrolled to", name, width, hidden)
	}
	if cut := ask[string](b, cutTexts); cut != "" {
		b.t.Errorf("%s, %d pixels: these are not shown to their end: %s", name, width, cut)
	}
}

// scrolled is how many pixels of a list cannot be seen without scrolling to the side.
const scrolled = `Math.max(0, ...[...document.querySelectorAll(".table-wrap:has(.admin-table, .panel-table)")].map(w => w.scrollWidth - w.clientWidth))`

// cutTexts are the texts that are not shown to their end and cannot be scrolled to.
const cutTexts = `[...document.querySelectorAll("main *, header *, nav *")].filter(e => e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 &&
	["hidden", "clip"].includes(getComputedStyle(e).overflowX) && !e.closest("svg, input, .visually-hidden, #swagger-ui, #redoc"))
	.map(e => e.className + ": " + e.textContent.trim().slice(0, 80)).slice(0, 5).join(", ")`

// widths are the windows in which every page is looked at.
var widths = []int64{320, 768, 1440, 1920}

// prefer sets what the system prefers. Without motion nothing is looked at
// while it changes colour.
func (b *tab) prefer(scheme string) {
	b.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		b.t.Fatal(err)
	}
}

// violations are what axe finds below an element.
func (b *tab) violations(only, rules string) (found []string) {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`axe.run(%q, { ...%s, resultTypes: ["violations"], iframes: false })
		.then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | "))))`,
		only, rules), chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatalf("%v in %q", err, text)
	}
	return found
}

// readAxe returns the script of axe-core.
func readAxe(t *testing.T) string {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", "axe", "axe.min.js.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	script, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}
