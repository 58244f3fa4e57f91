package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster/internal/server"
)

// below is a client that reaches a server below /roster, through a proxy that strips
// the prefix, or passes it on.
type below struct {
	t       *testing.T
	h       http.Handler
	headers http.Header
	strips  bool
	cookies []*http.Cookie
}

func (b *below) send(method, path, body string) *httptest.ResponseRecorder {
	b.t.Helper()
	if b.strips {
		inner, found := strings.CutPrefix(path, "/roster")
		if !found {
			b.t.Fatalf("%s leads out of the prefix", path)
		}
		path = inner
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:4711", "users.example.com"
	for name, values := range b.headers {
		r.Header[name] = values
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

var (
	attributes = regexp.MustCompile(`\b(?:href|action|formaction|src|data-url|data-spec|data-root)="(/[^"]*)"`)
	tokens     = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)
)

// crawl opens what pages link to, and returns the pages.
func (b *below) crawl(path string, seen map[string]string) {
	b.t.Helper()
	path, _, _ = strings.Cut(path, "#")
	if _, known := seen[path]; known || len(seen) > 150 {
		return
	}
	w := b.send(http.MethodGet, path, "")
	seen[path] = ""
	if location := w.Header().Get("Location"); location != "" {
		if !strings.HasPrefix(location, "/roster/") || strings.HasPrefix(location, "/roster/roster/") {
			b.t.Errorf("%s redirects to %s, out of the prefix", path, location)
			return
		}
		b.crawl(location, seen)
		return
	}
	if w.Code != http.StatusOK {
		b.t.Errorf("%s: got %d, want what a page links to", path, w.Code)
	}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return
	}
	seen[path] = w.Body.String()
	for _, link := range attributes.FindAllStringSubmatch(w.Body.String(), -1) {
		target := strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(link[1])
		if !strings.HasPrefix(target, "/roster/") || strings.HasPrefix(target, "/roster/roster/") {
			b.t.Errorf("%s links to %s, out of the prefix", path, target)
			continue
		}
		if !strings.Contains(link[0], "action=") && !strings.Contains(target, "/export/") {
			b.crawl(target, seen)
		}
	}
}

func startBelow(t *testing.T, settings ...string) http.Handler {
	t.Helper()
	return server.Serve(t, "127.0.0.1:8000", append([]string{"LOG_DIR=", "LOG_LEVEL=CRITICAL", "SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-Ts",
		"ALLOWED_HOSTS=users.example.com", "API_PERMISSION=AllowAny", "DB_NAME=" + t.TempDir() + "/db.sqlite3"}, settings...)...)
}

// Below a prefix, every link, asset, form and redirect of every page leads to the
// site, whatever the proxy does: it strips the prefix or passes it on, and names it
// in a header or leaves it to the setting.
func TestPrefix_Pages(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Forwarded-Prefix": {"/roster"}, "X-Forwarded-Proto": {"https"}}
	for name, b := range map[string]*below{
		"header":            {h: startBelow(t, "TRUSTED_PROXIES=127.0.0.1"), headers: header, strips: true},
		"header with slash": {h: startBelow(t, "TRUSTED_PROXIES=127.0.0.1"), headers: http.Header{"X-Forwarded-Prefix": {"/roster/"}}, strips: true},
		"setting":           {h: startBelow(t, "FORCE_SCRIPT_NAME=/roster"), strips: true},
		"not stripped":      {h: startBelow(t, "FORCE_SCRIPT_NAME=/roster")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b.t = t
			if got := b.send(http.MethodPost, "/roster/api/users/", "username=ada&email=ada@example.com&is_active=true"); got.Code != http.StatusCreated {
				t.Fatalf("got %d %s", got.Code, got.Body)
			}
			b.headers = b.headers.Clone()
			if b.headers == nil {
				b.headers = http.Header{}
			}
			b.headers.Set("Accept", "text/html,*/*;q=0.8")
			seen := map[string]string{}
			for _, path := range []string{"/roster/", "/roster/users/", "/roster/admin/", "/roster/api/", "/roster/api/users/", "/roster/api/users/1/", "/roster/swagger/", "/roster/redoc/"} {
				b.crawl(path, seen)
			}
			if len(seen) < 25 || seen["/roster/admin/login/?next=/admin/"]+seen["/roster/admin/login/"] == "" {
				t.Errorf("got %d addresses, want all pages and assets, and the login", len(seen))
			}
			if got := b.send(http.MethodGet, "/roster/api/users", "").Header().Get("Location"); got != "/roster/api/users/" {
				t.Errorf("without the final slash: got %s", got)
			}
		})
	}
}

// Absolute addresses of the API, its document, and the paths of cookies have the
// prefix too.
func TestPrefix_API(t *testing.T) {
	t.Parallel()
	b := &below{t: t, h: startBelow(t, "TRUSTED_PROXIES=127.0.0.1", "PAGE_SIZE=1"), headers: http.Header{"X-Forwarded-Prefix": {"/roster"}}, strips: true}
	for _, name := range []string{"ada", "bob", "eve"} {
		b.send(http.MethodPost, "/roster/api/users/", "username="+name+"&email="+name+"@example.com")
	}
	for path, want := range map[string]string{
		"/roster/api/":              `"users":"http://users.example.com/roster/api/users/"`,
		"/roster/api/users/?page=2": `"next":"http://users.example.com/roster/api/users/?page=3","previous":"http://users.example.com/roster/api/users/"`,
		"/roster/openapi.json":      `"servers":[{"url":"/roster/"}]`,
		"/roster/openapi.yaml":      "- url: /roster/\n",
	} {
		if got := b.send(http.MethodGet, path, "").Body.String(); !strings.Contains(strings.ReplaceAll(got, `": `, `":`), want) && !strings.Contains(strings.Join(strings.Fields(got), ""), want) {
			t.Errorf("%s: got %.300s, want %s", path, got, want)
		}
	}
	page := b.send(http.MethodGet, "/roster/admin/login/", "")
	b.cookies = page.Result().Cookies()
	for _, cookie := range b.cookies {
		if cookie.Path != "/roster/" {
			t.Errorf("the cookie %s has the path %s", cookie.Name, cookie.Path)
		}
	}
	token := tokens.FindStringSubmatch(page.Body.String())
	got := b.send(http.MethodPost, "/roster/admin/login/", "csrfmiddlewaretoken="+token[1]+"&username=a&password=b&next="+url.QueryEscape("/admin/users/tuser/"))
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `action="/roster/`) && strings.Contains(got.Body.String(), `action="/`) {
		t.Errorf("got %d %.300s, want the form again", got.Code, got.Body)
	}
}

// The header counts from a trusted proxy alone, and only as a path.
func TestPrefix_Untrusted(t *testing.T) {
	t.Parallel()
	h := startBelow(t, "TRUSTED_PROXIES=192.0.2.0/24")
	trusting := startBelow(t, "TRUSTED_PROXIES=127.0.0.1")
	for _, tt := range []struct {
		h      http.Handler
		prefix string
	}{{h, "/roster"}, {trusting, "//evil.example"}, {trusting, "https://evil.example"}, {trusting, `/"><script>`}, {trusting, "/.."}, {trusting, "/a/../b"}, {trusting, "roster"}, {trusting, "/"}, {trusting, "/" + strings.Repeat("a", 200)}} {
		r := httptest.NewRequest(http.MethodGet, "/users", http.NoBody)
		r.RemoteAddr, r.Host = "127.0.0.1:4711", "users.example.com"
		r.Header.Set("X-Forwarded-Prefix", tt.prefix)
		w := httptest.NewRecorder()
		tt.h.ServeHTTP(w, r)
		_, _ = io.Copy(io.Discard, w.Body)
		if got := w.Header().Get("Location"); got != "/users/" {
			t.Errorf("%s: got %s", tt.prefix, got)
		}
	}
}
