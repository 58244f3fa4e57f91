package site_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
)

var chipPattern = regexp.MustCompile(`class="chip" href="([^"]*)"><span class="visually-hidden">Remove the filter </span><span>([^<]*)</span>`)

// Every search, filter and date of a list has a chip that removes it alone.
func TestList_Chips(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(3)
	if page := f.page("/admin/users/tuser/"); strings.Contains(page, "chips") {
		t.Error("a list without filters has chips")
	}
	page := f.page("/admin/users/tuser/?q=user&is_active__exact=1&created_at__year=2026&created_at__month=11&o=-1")
	got := map[string]url.Values{}
	for _, m := range chipPattern.FindAllStringSubmatch(page, -1) {
		u, err := url.Parse(html.UnescapeString(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		got[html.UnescapeString(m[2])] = u.Query()
	}
	for label, gone := range map[string][]string{
		"Search: “user”": {"q"}, "Is active: Yes": {"is_active__exact"}, "Created at: November 2026": {"created_at__year", "created_at__month"},
	} {
		for _, name := range []string{"q", "is_active__exact", "created_at__year", "created_at__month", "o"} {
			if got[label].Has(name) == slices.Contains(gone, name) {
				t.Errorf("%s: got %v", label, got[label])
			}
		}
	}
	if len(got) != 3 {
		t.Errorf("got %v, want 3 chips", got)
	}
}

// The density of rows is part of the layout that a visitor chose.
func TestList_Density(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(3)
	const list = "/admin/users/tuser/"
	for _, step := range []struct {
		query string
		dense bool
	}{{"", false}, {"?density=compact", true}, {"", true}, {"?density=comfortable", false}, {"", false}} {
		if got := strings.Contains(f.page(list+step.query), "table-dense"); got != step.dense {
			t.Errorf("%q: got dense %v, want %v", step.query, got, step.dense)
		}
	}
}

// The navigation has what the actor may open, in the order of the resources.
func TestNavigation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, c := range map[string]struct {
		actor access.Actor
		want  string
	}{
		"root":      {root, "Home, Users, Trash, Staff, Groups, Mail, Workers, Tasks, Daily reports, Schedules, Audit"},
		"clerk":     {staff(access.ViewUser), "Home, Users, Trash, Daily reports"},
		"stranger":  {access.Actor{}, ""},
		"powerless": {staff(), "Home"},
	} {
		var names []string
		n := f.siteFor(c.actor).Navigation(c.actor)
		for _, group := range n.Nav {
			for _, link := range group.Links {
				names = append(names, link.Name)
			}
		}
		if got := strings.Join(names, ", "); got != c.want || (n.Search != nil) != c.actor.Staff() {
			t.Errorf("%s: got %s and %v, want %s", name, got, n.Search, c.want)
		}
	}
}
