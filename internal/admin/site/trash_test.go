package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/user"
)

// TestTrash shows on every engine that what was deleted is in the trash, and comes back
// by the button of the message, or under another name.
func TestTrash(t *testing.T) {
	t.Parallel()
	onEngines(t, checkTrash)
}

func checkTrash(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(4)
	wantOn(t, "the question", f.page("/admin/users/tuser/2/delete/"), "This user will be moved to the trash, which keeps all fields for 30 days.")
	ada := f.find(2)
	f.post("/admin/users/tuser/2/delete/", url.Values{"_version": {ada.Version()}, "_reason": {"asked to"}})
	page := f.page("/admin/users/tuser/")
	wantOn(t, "the message", page, "The user “user2” was deleted successfully.", `action="/admin/users/tuser/actions/restore_deleted/"`, ">Undo<")
	wantOn(t, "the trash", f.page("/admin/users/trash/"), "1 deleted user", "user2@example.com", ">root<", `href="/admin/users/trash/empty/"`)
	wantOn(t, "the deleted user", f.page("/admin/users/trash/2/change/"), "asked to", `href="/admin/users/trash/2/restore/"`)
	wantOn(t, "a search", f.page("/admin/users/trash/?q=none"), "No deleted users match")
	if strings.Contains(f.page("/admin/users/tuser/"), `value="restore_deleted"`) {
		t.Error("the list offers to restore")
	}

	f.undo(page)
	wantOn(t, "after undoing", f.page("/admin/users/tuser/"), "1 user was restored.")
	if restored := f.find(2); restored != ada {
		t.Errorf("got %+v, want %+v", restored, ada)
	}
	wantOn(t, "the timeline", f.page("/admin/users/tuser/2/change/?tab=timeline"), "root deleted this user", "root restored this user", "Reason: Undo")

	f.post("/admin/users/tuser/2/delete/", url.Values{"_version": {ada.Version()}})
	page = f.page("/admin/users/tuser/")
	in := form.Input{"username": {Kind: form.String, Text: "user2"}, "email": {Kind: form.String, Text: "other@example.com"}}
	if _, err := f.users.Create(t.Context(), root, in); err != nil {
		t.Fatal(err)
	}
	f.undo(page)
	wantOn(t, "a taken name", f.page("/admin/users/tuser/"), "Nothing was restored: another user has the username")
	wantOn(t, "the form", f.page("/admin/users/trash/2/restore/"), `name="username" value="user2"`)
	if w := f.post("/admin/users/trash/2/restore/", url.Values{"username": {"user2"}, "email": {ada.Email}}); w.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(w.Body.String(), "t user with this username already exists.") {
		t.Errorf("a taken name: got %d", w.Code)
	}
	if w := f.post("/admin/users/trash/2/restore/", url.Values{"username": {"user2b"}, "email": {ada.Email}}); w.Header().Get("Location") != "/admin/users/tuser/2/change/" {
		t.Errorf("another name: got %d %s", w.Code, w.Body)
	}
	if restored := f.find(2); restored.Username != "user2b" || restored.CreatedAt != ada.CreatedAt {
		t.Errorf("got %+v", restored)
	}
}

// undo presses the button of a message.
func (f *fixture) undo(page string) {
	f.t.Helper()
	_, after, _ := strings.Cut(page, `<form class="undo"`)
	_, after, _ = strings.Cut(after, `name="work" value="`)
	signed, _, _ := strings.Cut(after, `"`)
	if w := f.post("/admin/users/tuser/actions/restore_deleted/", url.Values{"work": {signed}}); w.Code != http.StatusSeeOther {
		f.t.Fatalf("undo: got %d %s", w.Code, w.Body)
	}
}

// TestTrash_Actions shows the bulk actions, what empties the trash, and who may.
func TestTrash_Actions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(6)
	if _, err := f.users.DeleteBatch(t.Context(), root, user.Batch{IDs: []int64{1, 2, 3, 4, 5}}); err != nil {
		t.Fatal(err)
	}
	f.answer(f.act("/admin/users/trash/", url.Values{"action": {"restore_selected"}, "_selected_action": {"1", "2"}}))
	wantOn(t, "restored", f.page("/admin/users/trash/"), "2 deleted users were restored.", "3 deleted users")
	question := f.act("/admin/users/trash/", url.Values{"action": {"purge_selected"}, "_selected_action": {"3"}})
	wantOn(t, "the question", f.page(question), "cannot be restored")
	f.answer(question)
	wantOn(t, "the page to empty it", f.page("/admin/users/trash/empty/"), "2 users will be deleted for good")
	f.post("/admin/users/trash/empty/", url.Values{})
	wantOn(t, "emptied", f.page("/admin/users/trash/"), "The trash was emptied.", "kept here for 30 days")

	f.handler = f.handlerFor(staff(access.ViewUser, access.DeleteUser))
	version := f.find(6)
	f.post("/admin/users/tuser/6/delete/", url.Values{"_version": {version.Version()}})
	if page := f.page("/admin/users/tuser/"); strings.Contains(page, "Undo") {
		t.Error("who may not add users can undo a deletion")
	}
	if code := f.get("/admin/users/trash/6/restore/").Code; code != http.StatusForbidden {
		t.Errorf("who may not add users: got %d", code)
	}
}
