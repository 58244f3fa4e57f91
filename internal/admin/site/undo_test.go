package site_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var undoPattern = regexp.MustCompile(`<form class="undo" method="post" action="([^"]*)">.*?name="work" value="([^"]*)"`)

// A deactivation of a filtered list says what it changes, and its undo reverts just
// that.
func TestAction_Undo(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.insert(9) // every third is not active
		ask := f.post("/admin/users/tuser/?q=user", url.Values{"action": {"deactivate_selected"}, "select_across": {"1"}})
		question := f.page(ask.Header().Get("Location"))
		wantAll(t, question, "<strong>6 users</strong> will be deactivated.", "3 of the selected will not be changed.", "Search: “user”", "Deactivate 6 users")
		work := regexp.MustCompile(`name="work" value="([^"]*)"`).FindStringSubmatch(question)[1]
		done := f.post("/admin/users/tuser/actions/deactivate_selected/", url.Values{"work": {work}})
		page := f.page(done.Header().Get("Location"))
		wantAll(t, page, "6 users were deactivated, 3 not changed.")
		if got := f.active(); got != 0 {
			t.Errorf("got %d active users", got)
		}
		undo := undoPattern.FindStringSubmatch(page)
		if undo == nil {
			t.Fatalf("no undo: %s", page)
		}
		back := f.post(undo[1], url.Values{"work": {undo[2]}})
		wantAll(t, f.page(back.Header().Get("Location")), "6 users were activated.")
		if got := f.active(); got != 6 {
			t.Errorf("after the undo: got %d active users, want the 6 that were", got)
		}
		if page := f.page("/admin/admin/logentry/?cols=reason"); !strings.Contains(page, "Undo: one of several") {
			t.Errorf("the audit trail does not say that it was undone: %s", page)
		}
	})
}

// Selected records are counted one by one.
func TestAction_AffectedOfSelected(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(3)
	ask := f.post("/admin/users/tuser/", url.Values{"action": {"activate_selected"}, "_selected_action": {"1", "2", "3"}})
	wantAll(t, f.page(ask.Header().Get("Location")), "<strong>1 user</strong> will be activated.", "2 of the selected", "Activate 1 user")
}

// active is the number of active users.
func (f *fixture) active() int64 {
	f.t.Helper()
	n, err := f.store.CountActiveUsers(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}
