package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

const belowPath = "/roster"

// mount is a reverse proxy with a site below belowPath, and nothing beside it. It notes
// requests and answers that lead out of there.
type mount struct {
	*httptest.Server

	mu      sync.Mutex
	target  *url.URL
	strays  []string
	strip   bool // the server does not see the prefix
	says    bool // in X-Forwarded-Prefix
	already map[string]bool
}

func newMount(t *testing.T, strip, says bool) *mount {
	t.Helper()
	m := &mount{strip: strip, says: says, already: map[string]bool{"/favicon.ico": true}} // which browsers ask for by themselves
	forward := http.Handler(&httputil.ReverseProxy{Rewrite: m.rewrite, ModifyResponse: m.look})
	if strip {
		forward = http.StripPrefix(belowPath, forward)
	}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, belowPath+"/") {
			m.note(r.URL.Path, "a request for "+r.URL.String())
			http.NotFound(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *mount) rewrite(r *httputil.ProxyRequest) {
	r.SetURL(m.target)
	r.SetXForwarded()
	r.Out.Host = r.In.Host
	if m.says {
		r.Out.Header.Set("X-Forwarded-Prefix", belowPath)
	}
}

// look notes redirects and cookies of other paths.
func (m *mount) look(answer *http.Response) error {
	if location := answer.Header.Get("Location"); location != "" {
		to, err := url.Parse(location)
		if err != nil || strings.HasPrefix(to.Path, "/") && !strings.HasPrefix(to.Path, belowPath+"/") || strings.HasPrefix(to.Path, belowPath+belowPath) {
			m.note(location, answer.Request.URL.Path+" redirects to "+location)
		}
	}
	for _, cookie := range answer.Cookies() {
		if !strings.HasPrefix(cookie.Path, belowPath+"/") {
			m.note(cookie.Name, "the cookie "+cookie.Name+" has the path "+cookie.Path)
		}
	}
	return nil
}

func (m *mount) note(what, stray string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.already[what] {
		m.already[what] = true
		m.strays = append(m.strays, stray)
	}
}

// crawl fetches what pages link to, once for each shape of an address, but for the
// queries that pages of a query link to. It returns how many pages there were, and
// what leads out of the prefix or nowhere.
const crawl = `(async () => {
	const below = "/roster/", queue = ["", "users/", "admin/", "api/", "swagger/", "redoc/", "openapi.json"].map(p => location.origin + below + p);
	const seen = new Set(), bad = [];
	const within = u => u.pathname.startsWith(below) && !u.pathname.startsWith(below + "roster/");
	const check = (u, where) => { if (u.origin === location.origin && !within(u)) bad.push(where + ": " + u); };
	let pages = 0;
	while (queue.length > 0 && pages < 300) {
		const answer = await fetch(queue.shift(), {headers: {Accept: "text/html,*/*;q=0.8"}}), landed = new URL(answer.url), text = await answer.text();
		const type = answer.headers.get("Content-Type") ?? "";
		pages++;
		check(landed, "redirect");
		if (answer.status >= 400) bad.push(answer.status + " " + landed);
		if (type.includes("json")) for (const [, link] of text.matchAll(/"(https?:[^"]+)"/g)) check(new URL(link), landed.pathname);
		if (!type.startsWith("text/html")) continue;
		for (const e of new DOMParser().parseFromString(text, "text/html").querySelectorAll("*")) for (const {name, value} of e.attributes) {
			const links = ["href", "src", "action", "formaction"].includes(name);
			if (!links && (name === "value" || !/^\/[^/]/.test(value))) continue;
			const u = new URL(value, landed);
			check(u, landed.pathname + " " + e.localName + " " + name);
			const shape = u.pathname.replace(/\d+/g, "1") + [...u.searchParams.keys()].sort();
			if (e.localName === "a" && name === "href" && !(landed.search && u.search) && u.origin === location.origin && within(u) && !seen.has(shape)) { seen.add(shape); queue.push(u.href); }
		}
	}
	return JSON.stringify({pages, left: queue.length, bad});
})().then(found => { window.crawled = found; }) && 0`

// TestBrowser_Prefix uses the site below a path, behind a proxy that strips the path or
// not, and names it or not: nothing that pages, scripts, redirects, cookies and mails
// say leads out of it.
func TestBrowser_Prefix(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for name, tt := range map[string]struct {
		strip, says bool
		setting     string
	}{
		"header":       {true, true, ""},
		"setting":      {true, false, belowPath},
		"not stripped": {false, false, belowPath},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, dir, mails := newMount(t, tt.strip, tt.says), t.TempDir(), t.TempDir()
			s := startServer(t, dir, "TRUSTED_PROXIES=127.0.0.1", "FORCE_SCRIPT_NAME="+tt.setting, "SITE_URL="+m.URL+belowPath, signing,
				"EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+mails)
			var err error
			if m.target, err = url.Parse(s.url); err != nil {
				t.Fatal(err)
			}
			commanded(t, []string{"DB_NAME=" + dir + "/db.sqlite3", "DJANGO_SUPERUSER_PASSWORD=" + staffPassword},
				"createsuperuser", "--noinput", "--username", "boss", "--email", "boss@example.com")
			s.url = m.URL + belowPath
			page := staffTab{newUsersTab(newVisitor(browser, t), t, s), readAxe(t)}
			page.livesBelow(mails)
			page.do(chromedp.Evaluate[chromedp.Void](crawl))
			page.until("!!window.crawled")
			var found struct {
				Pages, Left int
				Bad         []string
			}
			if err := json.Unmarshal([]byte(ask[string](page.tab, "window.crawled")), &found); err != nil {
				t.Fatal(err)
			}
			if found.Pages < 60 || found.Left > 0 || len(found.Bad) > 0 {
				t.Errorf("got %d pages, %d left, and %s", found.Pages, found.Left, strings.Join(found.Bad, "\n"))
			}
			page.logOut()
			m.mu.Lock()
			defer m.mu.Unlock()
			if len(m.strays) > 0 {
				t.Errorf("got %s", strings.Join(m.strays, "\n"))
			}
			page.cleanBut("status of 403")
		})
	}
}

// livesBelow resets a password by mail, logs in, makes and edits a user, starts a task, and
// opens the documentation of the API.
func (p staffTab) livesBelow(mails string) {
	p.t.Helper()
	at := func(path string) { p.t.Helper(); p.until(`location.pathname === "` + belowPath + path + `"`) }
	p.open("/admin/login/", "#username")
	p.click(`a[href$="/admin/password_reset/"]`)
	p.until(`!!document.querySelector("#email")`)
	p.do(chromedp.SendKeys(chromedp.CSS("#email"), "boss@example.com"), chromedp.Click(chromedp.CSS("main .button-primary")))
	at("/admin/password_reset/done/")
	link := mailed(p.t, mails, belowPath+"/admin/reset/", new([]string))
	const fresh = "Another-horse-9"
	p.open(strings.TrimPrefix(link, belowPath), "#new_password1")
	p.enter("#new_password1", fresh)
	p.enter("#new_password2", fresh)
	p.click("main form button")
	at("/admin/reset/done/")
	p.open("/users/", "main")
	p.click(`main a[href*="/admin/login/"]`)
	p.until(`!!document.querySelector("#password")`)
	p.give("boss", fresh)
	at("/users/")
	p.until(`document.documentElement.dataset.ready === "users"`)
	p.click("#new-user")
	p.enter("#field-username", "ada")
	p.enter("#field-email", "ada@example.com")
	p.click("#editor-save")
	p.lists("ada")
	p.sees("#toasts", "ada was created.")
	p.until(`!document.getElementById("editor").open`)
	p.open("/admin/users/tuser/1/change/", "#id_first_name")
	p.enter("#id_first_name", "Ada")
	p.click(`main form button[name="_save"]`)
	at("/admin/users/tuser/")
	p.open("/api/tasks/", "#panel-form")
	p.enter("#field-kind", "noop")
	p.click(`#panel-form button[data-method="POST"]`)
	p.sees(".status-line", "Created")
	p.open("/swagger/", ".opblock-get")
	p.click(".opblock-get .opblock-summary-control")
	p.click(".opblock-get .try-out__btn")
	p.click(".opblock-get .execute")
	p.sees(".opblock-get .live-responses-table tbody .response-col_status", "200")
	p.open("/redoc/", ".api-content h1")
}
