package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"roster/internal/httpkit"
)

// staffVisitor is a visitor with a navigation of two groups.
func staffVisitor() httpkit.Visitor {
	return httpkit.Visitor{Name: "ann", Navigation: httpkit.Navigation{
		Home: "/admin/",
		Nav: []httpkit.NavGroup{{Links: []httpkit.NavLink{
			{Name: "Home", Path: "/admin/", Icon: "home"}, {Name: "Tasks", Path: "/admin/tasks/task/", Icon: "tasks"}, {Name: "All", Path: "/admin/tasks/", Icon: "list"},
		}}},
		Search: &httpkit.NavSearch{Path: "/admin/users/tuser/", Field: "q", Label: "Search users"},
	}}
}

// renderedAt is the page hello at a path, for a visitor.
func renderedAt(t *testing.T, pages *httpkit.Pages, path string, visitor func() httpkit.Visitor, cookies ...*http.Cookie) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	if err := pages.Render(w, httpkit.WithVisitor(r, visitor), http.StatusOK, "hello", nil); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

// Of the links to a page or above it, one is current: the longest.
func TestRender_MarksTheLongestLink(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(""))
	for path, want := range map[string]string{
		"/admin/": "/admin/", "/admin/sessions/": "", "/admin/tasks/task/1/change/": "/admin/tasks/task/", "/admin/tasks/overview/": "/admin/tasks/",
		"/": "/", "/users/": "/users/", "/api/users/": "/api/",
	} {
		got := regexp.MustCompile(`href="([^"]*)" aria-current`).FindAllStringSubmatch(renderedAt(t, pages, path, staffVisitor), -1)
		if want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0][1] != want {
			t.Errorf("%s: got %v, want %q", path, got, want)
		}
	}
}

// Staff have a search and other links, and the brand leads to their home page.
func TestRender_Navigation(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(""))
	pages.Environment = "staging <1>"
	got := renderedAt(t, pages, "/admin/", staffVisitor)
	for _, want := range []string{
		`class="brand" href="/admin/"`, `action="/admin/users/tuser/"`, `name="q" aria-label="Search users"`, "staging &lt;1&gt;", "img/icons.", ">Directory<",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s: %s", want, got)
		}
	}
	for name, visitor := range map[string]func() httpkit.Visitor{"anonymous": nil, "not staff": func() httpkit.Visitor { return httpkit.Visitor{Name: "bob"} }} {
		if got := renderedAt(t, pages, "/", visitor); !strings.Contains(got, `class="brand" href="/"`) || strings.Contains(got, "site-search") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// What a visitor chose of the navigation holds on the next page.
func TestRender_NarrowNavigation(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(""))
	for value, want := range map[string]bool{"narrow": true, "wide": false, "": false, "<b>": false} {
		got := renderedAt(t, pages, "/", staffVisitor, &http.Cookie{Name: "roster_nav", Value: value})
		if strings.Contains(got, `autocomplete="off" checked`) != want {
			t.Errorf("%q: want narrow %v: %s", value, want, got)
		}
	}
}
