package site_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"roster/internal/access"
)

// found returns the groups and hits of a search, one per line.
func (f *fixture) found(text string) string {
	f.t.Helper()
	page := f.page("/admin/search/hits/?" + url.Values{"q": {text}}.Encode())
	var lines []string
	for _, m := range regexp.MustCompile(`class="hit-title"[^>]*>([^<]*)|role="option" id="hit-\d+" href="([^"]*)"[^>]*><span>([^<]*)`).FindAllStringSubmatch(page, -1) {
		if m[1] != "" {
			lines = append(lines, m[1]+":")
		} else {
			lines = append(lines, m[3]+" "+m[2])
		}
	}
	return strings.Join(lines, "\n")
}

// The search finds records, actions and pages by any part of their words, a few of
// each kind.
func TestSearch_Finds(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.insert(12)
		f.post("/admin/auth/group/add/", url.Values{"name": {"Editors of user pages"}})
		for text, want := range map[string]string{
			"user12@":        "Users:\nuser12 /admin/users/tuser/12/change/",
			"USER3 first3":   "Users:\nuser3 /admin/users/tuser/3/change/",
			"editors PAGES":  "Groups:\nEditors of user pages /admin/auth/group/1/change/",
			"create user":    "Actions:\nAdd user /admin/users/tuser/add/",
			"run noop":       "Actions:\nRun noop /admin/tasks/task/add/?arguments=%7B%0A&#43;&#43;%22milliseconds%22%3A&#43;1000%0A%7D&amp;kind=noop",
			"permission has": "Pages:\nWho has which permission? /admin/auth/user/holders/",
			"missing":        "",
			" ":              "",

			strings.Repeat("many words ", 18): "",
		} {
			if got := f.found(text); got != want {
				t.Errorf("%q: got\n%s\nwant\n%s", text, got, want)
			}
		}
		got := f.page("/admin/search/?q=example.com")
		if !strings.Contains(got, "5 results") || !strings.Contains(got, `href="/admin/users/tuser/?q=example.com"`) || !strings.Contains(got, ">user12<") {
			t.Errorf("of many, the newest and a link to all: got\n%s", got)
		}
	})
}

// What an account may not view is not found: neither records nor actions nor pages.
func TestSearch_FollowsPermissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	f.post("/admin/auth/group/add/", url.Values{"name": {"user group"}})
	for name, c := range map[string]struct {
		permissions []access.Permission
		want        string
	}{
		"nothing": {nil, ""},
		"view":    {[]access.Permission{access.ViewUser}, "Pages:\nUsers /admin/users/tuser/\nUsers:\nuser1 /admin/users/tuser/1/change/"},
		"add":     {[]access.Permission{access.AddUser}, "Actions:\nAdd user /admin/users/tuser/add/"},
		"groups":  {[]access.Permission{access.Groups.View()}, "Groups:\nuser group /admin/auth/group/1/change/"},
	} {
		f.handler = f.handlerFor(staff(c.permissions...))
		if got := f.found("user"); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// A task that an account may not start is neither found nor offered.
func TestSearch_PresetsFollowPermissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.handler = f.handlerFor(staff(access.Schedules.View(), access.Schedules.Add()))
	got := f.found("run ") + f.page("/admin/tasks/task/add/")
	if strings.Contains(got, "kind=cleanup_inactive_users") || !strings.Contains(got, "kind=noop") {
		t.Errorf("got %s", got)
	}
}

// The search of users takes a filter of the API, for the list and for its actions; what
// is no filter is words.
func TestSearch_Filter(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.insert(12)
		for text, want := range map[string]string{
			`username ew "2"`: "2 users", `email ew "@example.com" and is_active eq false`: "4 users", `email ew "@example.org"`: "0 users", `user12`: "1 user", `email ew`: "0 users",
		} {
			if page := f.page("/admin/users/tuser/?" + url.Values{"q": {text}}.Encode()); !strings.Contains(page, `<p role="status">`+want) {
				t.Errorf("%s: the list does not say %s", text, want)
			}
		}
	})
}
