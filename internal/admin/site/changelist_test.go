package site_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/form"
)

const listPath = "/admin/users/tuser/"

// rowNames are the records of a list, in its order.
func rowNames(page string) (names []string) {
	for _, found := range regexp.MustCompile(`<th scope="row"[^>]*>(?:<[^>]*>)*([^<]*)`).FindAllStringSubmatch(page, -1) {
		names = append(names, found[1])
	}
	return names
}

// TestShowList_LongTexts shows that what a column cuts can be had whole.
func TestShowList_LongTexts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	long := strings.Repeat("w", 100)
	if _, err := f.users.Create(t.Context(), root, form.Input{
		"username": {Kind: form.String, Text: long}, "email": {Kind: form.String, Text: "ada@example.com"},
		"first_name": {Kind: form.String, Text: "Ada"},
	}); err != nil {
		t.Fatal(err)
	}
	wantAll(t, f.page("/admin/users/tuser/"),
		`<th scope="row" class="col-username long">`, `<td class="col-email" data-label="Email">ada@example.com</td>`,
		`<td class="col-first_name" data-label="First name">Ada</td>`)
}

func TestShowList(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(7)
	wantGolden(t, "list", f.page(listPath))
}

func TestShowList_Empty(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	wantGolden(t, "list-empty", f.page(listPath))
	f.insert(1)
	if page := f.page(listPath + "?q=missing"); !strings.Contains(page, "No users match") || !strings.Contains(page, "Show all users") {
		t.Error("a search that finds nothing does not say so")
	}
}

// TestShowList_Queries has what lists show for the parameters of Django's admin site.
func TestShowList_Queries(t *testing.T) {
	t.Parallel()
	onEngines(t, checkShowListQueries)
}

func checkShowListQueries(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(60) // user1 was created on 2026-09-25, user60 today
	for query, want := range map[string]struct {
		first, last string
		count       int
		summary     string
	}{
		"":                            {"user60", "user11", 50, "60 users"},
		"?p=2":                        {"user10", "user1", 10, "60 users"},
		"?per_page=25&p=3":            {"user10", "user1", 10, "60 users"},
		"?q=user5":                    {"user59", "user5", 11, "11 users"},
		"?q=++user5++FIRST59+":        {"user59", "user59", 1, "1 user"},
		"?q=user5&is_active__exact=0": {"user57", "user51", 3, "3 users"},
		"?is_active__exact=0":         {"user60", "user3", 20, "20 users"},
		"?is_active__exact=":          {"user60", "user11", 50, "60 users"},
		"?o=1":                        {"user1", "user54", 50, "60 users"},
		"?o=-1":                       {"user9", "user19", 50, "60 users"},
		"?o=6.-1":                     {"user9", "user22", 50, "60 users"},
		"?o=7":                        {"user1", "user50", 50, "60 users"},
		"?created_at__year=2026&p=1":  {"user60", "user11", 50, "60 users"},
		"?created_at__year=2025":      {"", "", 0, "0 users"},
		"?created_at__year=2026&created_at__month=9":                           {"user6", "user1", 6, "6 users"},
		"?created_at__year=2026&created_at__month=10&created_at__day=31":       {"user37", "user37", 1, "1 user"},
		"?created_at__gte=2026-11-23&created_at__lt=2026-11-24":                {"user60", "user60", 1, "1 user"},
		"?created_at__gte=2026-11-23+12:00:00%2B00:00":                         {"user60", "user60", 1, "1 user"},
		"?created_at__gte=2026-11-23+12:00:01":                                 {"", "", 0, "0 users"},
		"?created_at__year=2026&created_at__gte=2026-11-22&is_active__exact=1": {"user59", "user59", 1, "1 user"},
	} {
		delete(f.cookies, "roster_admin_layout")
		page := f.page(listPath + query)
		names := rowNames(page)
		if len(names) != want.count || want.count > 0 && (names[0] != want.first || names[len(names)-1] != want.last) {
			t.Errorf("%s: got %d records %q, want %d from %s to %s", query, len(names), names, want.count, want.first, want.last)
		}
		if !strings.Contains(page, `<p role="status">`+want.summary+`</p>`) {
			t.Errorf("%s: does not say %q", query, want.summary)
		}
	}
}

// TestShowList_BadQueries shows that what a list does not have leads to the whole
// list, which says so.
func TestShowList_BadQueries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(3)
	for _, query := range []string{
		"nonsense=1", "is_active=1", "is_active__exact=2", "is_active__in=1", "username__exact=a",
		"o=0", "o=99", "o=a", "o=9", "o=1..2", "p=0", "p=-1", "p=x", "p=99999999999999999999", "per_page=7",
		"cols=secret", "q=%00", "q=%ff", "q=" + strings.Repeat("a", 201), "q=" + strings.Repeat("a+", 5) + "b+c+d+e+f+g+h+i+j+k+l",
		"created_at__year=x", "created_at__year=0", "created_at__month=1", "created_at__year=2026&created_at__day=1",
		"created_at__year=2026&created_at__month=2&created_at__day=30", "created_at__gte=yesterday", "created_at__hour=1", "updated_at__year=2026",
	} {
		w := f.get(listPath + "?" + query)
		if w.Code != http.StatusFound || w.Header().Get("Location") != listPath+"?e=1" {
			t.Errorf("%s: got %d to %q, want to be sent to ?e=1", query, w.Code, w.Header().Get("Location"))
		}
	}
	if page := f.page(listPath + "?e=1"); len(rowNames(page)) != 3 || !strings.Contains(page, `role="alert"`) {
		t.Error("?e=1 does not show the whole list with a warning")
	}
}

func TestShowList_BeyondTheEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(60)
	w := f.get(listPath + "?p=9&q=user")
	if w.Code != http.StatusFound || w.Header().Get("Location") != listPath+"?p=2&q=user" {
		t.Errorf("got %d to %q, want to be sent to the last page", w.Code, w.Header().Get("Location"))
	}
}

func TestShowList_Columns(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	heads := func(page string) (names []string) {
		for _, found := range regexp.MustCompile(`<th scope="col" class="col-([a-z_]+)"`).FindAllStringSubmatch(page, -1) {
			names = append(names, found[1])
		}
		return names
	}
	for query, want := range map[string]string{
		"":                          "username email first_name last_name is_active created_at",
		"?cols=phone&cols=username": "username phone",
		"?cols=id&cols=email":       "username email id",
		"?cols=-":                   "username",
		"?cols=-&cols=address":      "username address",
	} {
		delete(f.cookies, "roster_admin_layout")
		if got := strings.Join(heads(f.page(listPath+query)), " "); got != want {
			t.Errorf("%q: got columns %s, want %s", query, got, want)
		}
	}
}

// TestShowList_Links follows what the page offers: every link of it is a list
// that is understood.
func TestShowList_Links(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(60)
	page := f.page(listPath + "?q=user&cols=phone&created_at__year=2026&o=-7&per_page=25&p=2")
	links := regexp.MustCompile(`href="(/admin/users/tuser/\?[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 20 {
		t.Fatalf("got %d links, want those of filters, dates, sizes and pages", len(links))
	}
	for _, link := range links {
		target := strings.ReplaceAll(link[1], "&amp;", "&")
		if code := f.get(target).Code; code != http.StatusOK {
			t.Errorf("%s: got %d", target, code)
		}
		if kept := strings.Contains(target, "cols=phone"); !kept {
			t.Errorf("%s: the chosen columns are lost", target)
		}
	}
}

// TestShowList_Facets shows the counts beside the filters, and that each is
// that of the list behind it.
func TestShowList_Facets(t *testing.T) {
	t.Parallel()
	onEngines(t, checkShowListFacets)
}

func checkShowListFacets(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(60)
	for query, want := range map[string][]string{
		"":                                 {"60", "40", "20"},
		"?q=user5":                         {"11", "8", "3"},
		"?q=user5&is_active__exact=1":      {"11", "8", "3"},
		"?created_at__year=2025":           {"0", "0", "0"},
		"?created_at__gte=2026-11-21&q=er": {"3", "2", "1"},
	} {
		var got []string
		for _, found := range regexp.MustCompile(`<span class="count">([^<]*)`).FindAllStringSubmatch(f.page(listPath+query), -1) {
			got = append(got, found[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got counts %q, want %q", query, got, want)
		}
	}
}
