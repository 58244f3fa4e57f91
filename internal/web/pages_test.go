package web_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/query"
	"roster/internal/user"
	"roster/internal/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fingerprints change with every change of a style sheet; pages do not.
var fingerprints = regexp.MustCompile(`\.[0-9a-f]{8}\.(css|js|svg)`)

// users stands for the service: so many users, numbered from the newest.
type users struct {
	total  int64
	figure user.Statistics
	err    error
	asked  user.Query
	setUp  string // the address of the page for the first account
}

func (u *users) List(_ context.Context, _ access.Actor, q user.Query, number int64, size int) (user.Page, error) {
	u.asked = q
	place, err := query.NewPage(number, u.total, int64(size))
	if err = errors.Join(u.err, err); err != nil {
		return user.Page{}, err
	}
	page := user.Page{Page: place}
	for n := (page.Number - 1) * int64(size); n < min(u.total, page.Number*int64(size)); n++ {
		page.Users = append(page.Users, numbered(u.total-n))
	}
	return page, nil
}

func (u *users) Statistics(context.Context, access.Actor, int, *time.Location) (user.Statistics, error) {
	return u.figure, u.err
}

// numbered is a user; every third has no names and no phone number, and is inactive.
func numbered(id int64) user.User {
	name := "user-" + strconv.FormatInt(id, 10)
	u := user.User{ID: id, Username: name, Email: name + "@example.com", CreatedAt: time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)}
	if id%3 != 0 {
		u.FirstName, u.LastName, u.Phone, u.IsActive = form.TextOf("Ada"), form.TextOf("<Lovelace>"), form.TextOf("+44 20"), true
	}
	return u
}

// site is the pages before that service, as an actor sees them.
func site(t *testing.T, u *users, actor access.Actor) http.Handler {
	t.Helper()
	assets, err := httpkit.NewAssets(web.Static())
	if err != nil {
		t.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, web.Templates())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	router := httpkit.NewRouter(pages.NotFound())
	zone := time.FixedZone("east", 3600)
	door := pages.Door(func(*http.Request) access.Actor { return actor }, log)
	door.Register(router, web.New(web.Options{Pages: pages, Users: u, SetUp: func(*http.Request) string { return u.setUp }, Manual: handbook(t), Version: "1.2.3+<dirty>", PageSize: 10, Zone: zone, Log: log}).Routes())
	return router
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w
}

var everybody = access.AllowAny.Anonymous()

func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = fingerprints.ReplaceAll(got, []byte(".FINGERPRINT.$1"))
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("%s differs (-got +want):\n%s", golden, diff)
	}
}

// grows are figures of 30 days with one user more on each.
func grows() user.Statistics {
	f := user.Statistics{Total: 1234567, Active: 1000}
	for day := range 30 {
		f.Days = append(f.Days, user.Day{Date: time.Date(2026, 10, 25+day, 0, 0, 0, 0, time.UTC), Created: int64(day)})
	}
	return f
}

func TestShowWelcome(t *testing.T) {
	t.Parallel()
	w := get(site(t, &users{figure: grows()}, everybody), "/")
	if w.Code != http.StatusOK {
		t.Errorf("got status %d, want 200", w.Code)
	}
	checkGolden(t, "welcome.html", w.Body.Bytes())
}

func TestShowWelcome_WithoutFigures(t *testing.T) {
	t.Parallel()
	away := &users{err: errors.New("no database")}
	if w := get(site(t, away, everybody), "/"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "The database does not answer") {
		t.Errorf("storage away: got %d %s", w.Code, w.Body)
	}
	closed := site(t, &users{figure: grows()}, access.Actor{})
	if w := get(closed, "/"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "1,234,567") {
		t.Errorf("anonymous: got %d %s", w.Code, w.Body)
	}
	if w := get(closed, "/figures/"); w.Code != http.StatusForbidden {
		t.Errorf("figures for an anonymous visitor: got %d, want 403", w.Code)
	}
}

func TestShowFigures(t *testing.T) {
	t.Parallel()
	w := get(site(t, &users{figure: grows()}, everybody), "/figures/")
	for _, want := range []string{"<dd>1,234,567</dd>", "<dd>29</dd>", "435 new in 30 days; the busiest was 23 November with 29.", `height="100"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in %s", want, w.Body)
		}
	}
	quiet := grows()
	for i := range quiet.Days {
		quiet.Days[i].Created = 0
	}
	if w := get(site(t, &users{figure: quiet}, everybody), "/figures/"); !strings.Contains(w.Body.String(), "No new users in the last 30 days.") {
		t.Errorf("without new users: got %s", w.Body)
	}
}

func TestShowUsers(t *testing.T) {
	t.Parallel()
	w := get(site(t, &users{total: 31}, everybody), "/users/?page=2&ordering=username&search=a%22b&is_active=1")
	if w.Code != http.StatusOK {
		t.Errorf("got status %d, want 200", w.Code)
	}
	checkGolden(t, "users.html", w.Body.Bytes())
}

func TestShowUsers_Asks(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]user.Query{
		"/users/":                 {},
		"/users/?search=+a++b+":   {Search: "a b"},
		"/users/?is_active=False": {IsActive: query.OnlyFalse},
		"/users/rows/?ordering=-email,nonsense&page_size=7": {Order: "-email"},
		"/users/?filter=ID+EQ+5":                            {Filter: "id eq 5"},
	} {
		u := &users{total: 5}
		if w := get(site(t, u, everybody), path); w.Code != http.StatusOK || u.asked != want {
			t.Errorf("%s: got %d and asked for %+v, want %+v", path, w.Code, u.asked, want)
		}
	}
}

// The filter of the URL stays with every link and the form, and can be removed.
func TestShowUsers_Filter(t *testing.T) {
	t.Parallel()
	w := get(site(t, &users{total: 31}, everybody), "/users/?filter=id+gt+5&page=2")
	for _, want := range []string{`name="filter" value="id gt 5"`, `href="/users/?filter=id&#43;gt&#43;5&amp;page=3"`, `href="/users/?filter=id&#43;gt&#43;5&amp;ordering=email"`, `<code>id gt 5</code> <a href="/users/">Remove</a>`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestShowUsers_Refuses(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"/users/?is_active=perhaps": http.StatusBadRequest, "/users/?search=" + strings.Repeat("x", 300): http.StatusBadRequest,
		"/users/?filter=id": http.StatusBadRequest, "/users/?page=x": http.StatusNotFound, "/users/?page=0": http.StatusNotFound, "/users/rows/?page=-1": http.StatusNotFound,
	} {
		if w := get(site(t, &users{total: 5}, everybody), path); w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
	for _, path := range []string{"/users/", "/users/rows/"} {
		if w := get(site(t, &users{}, access.Actor{}), path); w.Code != http.StatusForbidden {
			t.Errorf("%s for an anonymous visitor: got %d, want 403", path, w.Code)
		}
		if w := get(site(t, &users{err: fault.New(fault.Unavailable, "")}, everybody), path); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s without storage: got %d, want 503", path, w.Code)
		}
	}
}

// Beyond the end, where the last user of the last page was deleted, one is led back.
func TestShowUsers_BeyondTheEnd(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/users/?page=9&page_size=25":     "/users/?page=2&page_size=25",
		"/users/rows/?page=9&ordering=id": "/users/rows/?ordering=id&page=4",
	} {
		w := get(site(t, &users{total: 31}, everybody), path)
		if got := w.Header().Get("Location"); w.Code != http.StatusFound || got != want {
			t.Errorf("%s: got %d %q, want 302 %q", path, w.Code, got, want)
		}
	}
	if w := get(site(t, &users{total: 31}, everybody), "/users/?page=last"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "31–31 of 31") {
		t.Errorf("the last page: got %d", w.Code)
	}
}

func TestShowRows_Empty(t *testing.T) {
	t.Parallel()
	if w := get(site(t, &users{}, everybody), "/users/rows/"); !strings.Contains(w.Body.String(), "No users yet") {
		t.Errorf("got %s", w.Body)
	}
	w := get(site(t, &users{}, everybody), "/users/rows/?search=x&ordering=email")
	if !strings.Contains(w.Body.String(), "No users match") || !strings.Contains(w.Body.String(), `href="/users/?ordering=email"`) {
		t.Errorf("got %s", w.Body)
	}
}

var sortLink = regexp.MustCompile(`(?:aria-sort="(\w+)")?><a class="sort" id="sort-(\w+)" href="([^"]*)"`)

// A column sorts upwards, then downwards, then not at all.
func TestShowRows_Columns(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                                     "email  /users/?ordering=email, created descending /users/?ordering=created_at",
		"?ordering=email":                      "email ascending /users/?ordering=-email, created  /users/?ordering=created_at",
		"?ordering=-email&page=2&page_size=25": "email descending /users/?page_size=25, created  /users/?ordering=created_at&amp;page_size=25",
		"?ordering=created_at":                 "email  /users/?ordering=email, created ascending /users/",
	} {
		w := get(site(t, &users{total: 50}, everybody), "/users/rows/"+query)
		var got []string
		for _, found := range sortLink.FindAllStringSubmatch(w.Body.String(), -1) {
			if found[2] == "email" || found[2] == "created" {
				got = append(got, found[2]+" "+found[1]+" "+found[3])
			}
		}
		if joined := strings.Join(got, ", "); joined != want {
			t.Errorf("%s: got %s, want %s", query, joined, want)
		}
	}
}

var pageLinks = regexp.MustCompile(`aria-label="Page ([\d,]+)"|(page-gap)`)

func TestShowRows_Pager(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		total, page int64
		want        string
	}{
		{5, 1, "1"}, {20, 2, "1 2"}, {50, 1, "1 2 … 5"}, {50, 3, "1 2 3 4 5"}, {100, 5, "1 … 4 5 6 … 10"}, {100, 4, "1 2 3 4 5 … 10"},
		{1_000_000, 100_000, "1 … 99,999 100,000"},
	} {
		w := get(site(t, &users{total: tt.total}, everybody), "/users/rows/?page="+strconv.FormatInt(tt.page, 10))
		var got []string
		for _, found := range pageLinks.FindAllStringSubmatch(w.Body.String(), -1) {
			got = append(got, strings.Replace(found[1]+found[2], "page-gap", "…", 1))
		}
		if joined := strings.Join(got, " "); joined != tt.want {
			t.Errorf("%d users, page %d: got %s, want %s", tt.total, tt.page, joined, tt.want)
		}
		if previous := strings.Contains(w.Body.String(), `rel="prev"`); previous != (tt.page > 1) {
			t.Errorf("%d users, page %d: previous is %v", tt.total, tt.page, previous)
		}
	}
}

// Without a staff account, the page leads to where the first one is created.
func TestWelcome_FirstAccount(t *testing.T) {
	t.Parallel()
	const link = `href="/admin/setup/"`
	u := &users{setUp: "/admin/setup/"}
	if w := get(site(t, u, everybody), "/"); !strings.Contains(w.Body.String(), link) {
		t.Errorf("got %s, want %s", w.Body, link)
	}
	if w := get(site(t, &users{}, everybody), "/"); strings.Contains(w.Body.String(), link) {
		t.Errorf("got %s, want no %s", w.Body, link)
	}
}
