package httpkit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"roster/internal/httpkit"
)

func TestValidPrefix(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/a": true, "/a/b": true, "/A9._~-x/b": true, "/.x": true, "": false, "/": false, "a": false, "/a/": false, "//a": false, "/a//b": false,
		"/a.": false, "/..": false, "/a b": false, "/a%20": false, "/é": false, "/a?b": false, "/a\n": false,
		"/" + strings.Repeat("x", 198): true, "/" + strings.Repeat("x", 199): true, "/" + strings.Repeat("x", 200): false,
	} {
		if got := httpkit.ValidPrefix(path); got != want {
			t.Errorf("%q: got %t", path, got)
		}
	}
}

// Handlers see paths without the prefix, whether the proxy strips it or not. What
// leaves has it: addresses of pages, redirects and cookies. The header of a proxy
// names it unless it is set, and that of others does not.
func TestStack_Prefix(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set, header, peer string
		target, path      string
		prefix            string
	}{
		"none":                    {"", "", "10.1.2.3:9", "/users/", "/users/", ""},
		"set, stripped":           {"/app", "", "10.1.2.3:9", "/users/", "/users/", "/app"},
		"set, not stripped":       {"/app", "", "10.1.2.3:9", "/app/users/", "/users/", "/app"},
		"set, the prefix alone":   {"/app", "", "10.1.2.3:9", "/app", "/", "/app"},
		"set, its root":           {"/app", "", "10.1.2.3:9", "/app/", "/", "/app"},
		"set, another begins so":  {"/app", "", "10.1.2.3:9", "/apples/", "/apples/", "/app"},
		"set, below another":      {"/app", "", "10.1.2.3:9", "/x/app/", "/x/app/", "/app"},
		"set, escaped":            {"/app", "", "10.1.2.3:9", "/app/a%2Fb/", "/a/b/", "/app"},
		"of a proxy":              {"", "/app", "10.1.2.3:9", "/users/", "/users/", "/app"},
		"of a proxy, with slash":  {"", "/app/", "10.1.2.3:9", "/app/users/", "/users/", "/app"},
		"of a proxy, but set":     {"/app", "/other", "10.1.2.3:9", "/users/", "/users/", "/app"},
		"of a proxy, invalid":     {"", "/a b", "10.1.2.3:9", "/users/", "/users/", ""},
		"of a stranger":           {"", "/app", "192.0.2.1:9", "/users/", "/users/", ""},
		"of a stranger, but set":  {"/app", "/other", "192.0.2.1:9", "/users/", "/users/", "/app"},
		"of a proxy, only a root": {"", "/", "10.1.2.3:9", "/users/", "/users/", ""},
	} {
		s := newStack(io.Discard)
		s.Proxies, s.Prefix = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}, c.set
		h := wrap(t, s, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != c.path || httpkit.RequestOf(r).Prefix != c.prefix || httpkit.RequestOf(r).Base() != "http://example.com"+c.prefix {
				t.Errorf("%s: got the path %s and the prefix %q below %s", name, r.URL.Path, httpkit.RequestOf(r).Prefix, httpkit.RequestOf(r).Base())
			}
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "1", Path: "/admin/"})
			http.SetCookie(w, &http.Cookie{Name: "__Host-c", Value: "1", Path: "/"})
			w.Header().Set("Location", "/next/?a=/b/")
			w.WriteHeader(http.StatusFound)
			_, _ = w.Write(httpkit.Prefixed(r, []byte(`<a href="/x/">/y/</a><form action="/"></form><img src="//other.example/"><a href="#a" data-url="/z/">`)))
		})
		r := httptest.NewRequest(http.MethodGet, "http://example.com"+c.target, http.NoBody)
		r.RemoteAddr = c.peer
		if c.header != "" {
			r.Header.Set("X-Forwarded-Prefix", c.header)
		}
		w := serve(h, r)
		if got := w.Header().Get("Location"); got != c.prefix+"/next/?a=/b/" {
			t.Errorf("%s: redirected to %s", name, got)
		}
		if got, want := strings.Join(w.Header()["Set-Cookie"], " | "), "a=1; Path="+c.prefix+"/ | b=1; Path="+c.prefix+"/admin/ | __Host-c=1; Path=/"; got != want {
			t.Errorf("%s: got the cookies %s, want %s", name, got, want)
		}
		if got, want := w.Body.String(), `<a href="`+c.prefix+`/x/">/y/</a><form action="`+c.prefix+`/"></form><img src="//other.example/"><a href="#a" data-url="`+c.prefix+`/z/">`; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// Redirects to other sites, and to addresses that have the prefix, are left alone.
func TestStack_PrefixOfRedirects(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Prefix = "/app"
	for location, want := range map[string]string{
		"/": "/app/", "/x": "/app/x", "/app/x": "/app/x", "/app": "/app/app", "/apple": "/app/apple", "//other.example/": "//other.example/",
		"https://other.example/": "https://other.example/", "?page=2": "?page=2", "x": "x",
	} {
		h := wrap(t, s, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{location}
			w.WriteHeader(http.StatusFound)
		})
		if got := serve(h, httptest.NewRequest(http.MethodGet, "/", http.NoBody)).Header().Get("Location"); got != want {
			t.Errorf("%s: got %s, want %s", location, got, want)
		}
	}
}
