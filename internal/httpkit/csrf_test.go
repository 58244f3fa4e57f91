package httpkit_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster/internal/httpkit"
)

// visitor is a browser with the cookie and the form of one page.
type visitor struct{ cookie, field string }

var tokenField = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]*)"`)

// visit opens a page with a form, with the cookie that the browser has.
func visit(t *testing.T, c *httpkit.CSRF, cookie string) visitor {
	t.Helper()
	pages, _ := newPages(t, page(`<form method="post">{{csrf_field}}</form>`))
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	if cookie != "" {
		r.Header.Set("Cookie", "roster_csrf="+cookie)
	}
	w := httptest.NewRecorder()
	c.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := pages.Render(w, r, http.StatusOK, "hello", nil); err != nil {
			t.Error(err)
		}
	}), http.NotFoundHandler()).ServeHTTP(w, r)
	v := visitor{cookie: cookie}
	for _, set := range w.Result().Cookies() {
		v.cookie = set.Value
	}
	if found := tokenField.FindStringSubmatch(w.Body.String()); found != nil {
		v.field = found[1]
	}
	return v
}

// echo answers with the body of the request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(w, r.Body)
})

var refuse = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })

func TestCSRF_Protect(t *testing.T) {
	t.Parallel()
	c := httpkit.NewCSRF("secret")
	mine, others := visit(t, c, ""), visit(t, c, "")
	foreign := visit(t, httpkit.NewCSRF("another secret"), "")
	field := "csrfmiddlewaretoken="
	const form, json = "application/x-www-form-urlencoded", "application/json"
	for name, tt := range map[string]struct {
		method, cookie, header, contentType, body string
		want                                      int
	}{
		"no cookie":                {"POST", "", "", json, "{}", 200},
		"no cookie, form":          {"POST", "", "", form, "a=b", 200},
		"reading":                  {"GET", mine.cookie, "", "", "", 200},
		"asking for options":       {"OPTIONS", mine.cookie, "", "", "", 200},
		"no token":                 {"POST", mine.cookie, "", json, "{}", 403},
		"no token, form":           {"POST", mine.cookie, "", form, "a=b", 403},
		"no token, delete":         {"DELETE", mine.cookie, "", "", "", 403},
		"the cookie's in a header": {"POST", mine.cookie, mine.cookie, json, "{}", 200},
		"a page's in a header":     {"PATCH", mine.cookie, mine.field, json, "{}", 200},
		"a page's in a form":       {"POST", mine.cookie, "", form + "; charset=utf-8", field + mine.field + "&a=b", 200},
		"not first in the form":    {"POST", mine.cookie, "", form, "a=b&" + field + mine.field, 403},
		"in a form that is none":   {"POST", mine.cookie, "", "text/plain", field + mine.field, 403},
		"another visitor's":        {"POST", mine.cookie, others.field, json, "{}", 403},
		"cut":                      {"POST", mine.cookie, mine.cookie[:40], json, "{}", 403},
		"no base64":                {"POST", mine.cookie, strings.Repeat("!", len(mine.cookie)), json, "{}", 403},
		"of another server":        {"POST", foreign.cookie, foreign.cookie, json, "{}", 403},
		"made up":                  {"POST", "x", "x", json, "{}", 403},
	} {
		r := httptest.NewRequest(tt.method, "/", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.contentType)
		if tt.cookie != "" {
			r.Header.Set("Cookie", "other=1; roster_csrf="+tt.cookie)
		}
		if tt.header != "" {
			r.Header.Set("X-Csrftoken", tt.header)
		}
		w := httptest.NewRecorder()
		c.Protect(echo, refuse).ServeHTTP(w, r)
		if w.Code != tt.want || tt.want == 200 && w.Body.String() != tt.body {
			t.Errorf("%s: got %d %q, want %d and the whole body", name, w.Code, w.Body, tt.want)
		}
	}
}

func TestCSRF_TokenOfAPage(t *testing.T) {
	t.Parallel()
	c := httpkit.NewCSRF("new", "old")
	first := visit(t, c, "")
	again := visit(t, c, first.cookie)
	if again.cookie != first.cookie {
		t.Error("a valid cookie was replaced")
	}
	if again.field == first.field || strings.Contains(again.field, first.cookie) {
		t.Error("two pages have the same token, which reveals it through the length of compressed pages")
	}
	if got := visit(t, c, "nonsense").cookie; got == "nonsense" {
		t.Error("a cookie of another server was kept")
	}
	if old := visit(t, httpkit.NewCSRF("old"), "").cookie; visit(t, c, old).cookie != old {
		t.Error("the cookie of a fallback key was not accepted")
	}
}

func TestCSRF_Cookie(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(`{{csrf_field}}`))
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = pages.Render(w, r, http.StatusOK, "hello", nil) })
	stack, err := httpkit.Stack{Log: slog.New(slog.DiscardHandler), Hosts: httpkit.Hosts{"*"}, Failed: pages.ErrorPage}.
		Wrap(httpkit.NewCSRF("secret").Protect(show, refuse))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"http://example.com/":  `^roster_csrf=[\w-]{64}; Path=/; Max-Age=31449600; SameSite=Lax$`,
		"https://example.com/": `^__Host-roster_csrf=[\w-]{64}; Path=/; Max-Age=31449600; Secure; SameSite=Lax$`,
	} {
		w := httptest.NewRecorder()
		stack.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, http.NoBody))
		if got := w.Header().Get("Set-Cookie"); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: got %q, want %s", address, got, want)
		}
	}
}

// A page without a form, or where nothing can be sent, has no token and sets no cookie.
func TestCSRF_OnlyWhereItIsNeeded(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(`{{csrf_field}}`))
	for name, render := range map[string]http.HandlerFunc{
		"no form": func(w http.ResponseWriter, r *http.Request) {
			httpkit.NewCSRF("secret").Protect(http.HandlerFunc(pages.RefuseForm), refuse).ServeHTTP(w, r)
		},
		"not protected": func(w http.ResponseWriter, r *http.Request) { _ = pages.Render(w, r, http.StatusOK, "hello", nil) },
	} {
		w := httptest.NewRecorder()
		render(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		if got := w.Header().Get("Set-Cookie"); got != "" {
			t.Errorf("%s: got the cookie %q, want none", name, got)
		}
		if found := tokenField.FindStringSubmatch(w.Body.String()); found != nil && found[1] != "" {
			t.Errorf("%s: got the token %q, want none", name, found[1])
		}
	}
}

// Whatever the body is, it arrives whole, and passes only with the token.
func FuzzCSRF_Body(f *testing.F) {
	c := httpkit.NewCSRF("secret")
	for _, seed := range []string{"", "a=b", "csrfmiddlewaretoken=", "csrfmiddlewaretoken=" + strings.Repeat("A", 128), strings.Repeat("x", 5000)} {
		f.Add(seed)
	}
	cookie := ""
	f.Fuzz(func(t *testing.T, body string) {
		if cookie == "" {
			cookie = visit(t, c, "").cookie
		}
		for _, sent := range []string{"", "roster_csrf=" + cookie} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", sent)
			w := httptest.NewRecorder()
			c.Protect(echo, refuse).ServeHTTP(w, r)
			switch {
			case sent == "" && w.Body.String() != body:
				t.Errorf("got %q, want %q", w.Body, body)
			case sent != "" && w.Code != http.StatusForbidden:
				t.Errorf("%q passed without a token", url.QueryEscape(body))
			}
		}
	})
}

// Where the token is required, requests without the cookie are refused.
func TestCSRF_Required(t *testing.T) {
	t.Parallel()
	c := httpkit.NewCSRF("secret")
	c.Required = func(r *http.Request) bool { return r.URL.Path == "/login" }
	mine := visit(t, c, "")
	for name, tt := range map[string]struct {
		method, path, cookie, header string
		want                         int
	}{
		"without anything":       {http.MethodPost, "/login", "", "", http.StatusForbidden},
		"a token without cookie": {http.MethodPost, "/login", "", mine.field, http.StatusForbidden},
		"both":                   {http.MethodPost, "/login", mine.cookie, mine.field, http.StatusOK},
		"elsewhere":              {http.MethodPost, "/", "", "", http.StatusOK},
		"reading":                {http.MethodGet, "/login", "", "", http.StatusOK},
	} {
		r := httptest.NewRequest(tt.method, tt.path, http.NoBody)
		r.Header.Set("X-CSRFToken", tt.header)
		if tt.cookie != "" {
			r.Header.Set("Cookie", "roster_csrf="+tt.cookie)
		}
		w := httptest.NewRecorder()
		c.Protect(echo, refuse).ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, tt.want)
		}
	}
}
