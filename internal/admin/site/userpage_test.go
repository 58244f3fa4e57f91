package site_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/job"
	"roster/internal/user"
)

// TestUserPage shows on every engine what the tabs of a user have, and to whom.
func TestUserPage(t *testing.T) {
	t.Parallel()
	onEngines(t, checkUserPage)
}

func checkUserPage(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(3)
	ann := access.NewActor(access.Account{ID: 7, Username: "Ann", IsStaff: true, IsSuperuser: true}).From(access.Origin{Door: access.API})
	text := func(s string) form.Value { return form.Value{Kind: form.String, Text: s} }
	change := func(in form.Input) {
		t.Helper()
		if _, err := f.users.Update(t.Context(), ann, 2, in, form.Partial); err != nil {
			t.Fatal(err)
		}
	}
	change(form.Input{"email": text("new@example.com")})
	change(form.Input{"phone": text("123"), "address": text("<b>Main</b> St")})
	f.start(job.WelcomeKind, `{"user_id": 2}`)
	f.start(job.WelcomeKind, `{"user_id": 1}`)
	f.start("send_bulk_notification", `{"subject": "Maintenance", "message": "Now."}`)
	if _, err := f.store.PlanDeliveries(t.Context(), 3, user.Query{}, 10); err != nil {
		t.Fatal(err)
	}

	page := f.page("/admin/users/tuser/2/change/")
	wantOn(t, "details", page, "<dt class=\"visually-hidden\">State</dt>", ">Active<", `href="/admin/users/tuser/2/change/?tab=timeline"`, `aria-current="page">Details<`, `name="email"`, `href="/admin/users/tuser/2/data/"`)
	page = f.page("/admin/users/tuser/2/change/?tab=timeline")
	wantOn(t, "timeline", page, `aria-current="page">Timeline<`, "Ann changed the email from “user2@example.com” to “new@example.com”", "set the phone to “123” and set the address to “&lt;b&gt;Main&lt;/b&gt; St”",
		"The welcome mail is waiting", "The mail “Maintenance” is waiting to be sent", `<time datetime=`, " · API")
	if strings.Count(page, `class="event`) != 4 || strings.Contains(page, `name="email"`) {
		t.Errorf("the timeline has other events, or the form:\n%.4000s", page[strings.Index(page, "<main"):])
	}
	wantOn(t, "mail", f.page("/admin/users/tuser/2/change/?tab=mail"), "Welcome mail", "Maintenance", `href="/admin/tasks/task/3/"`, ">Waiting<")
	wantOn(t, "related", f.page("/admin/users/tuser/2/change/?tab=related"), "No rows of other tables refer to this user.")

	f.handler = f.handlerFor(staff(access.ViewUser))
	page = f.page("/admin/users/tuser/2/change/?tab=timeline")
	wantOn(t, "the timeline of a reader", page, "Ann changed the email")
	for _, hidden := range []string{"welcome mail", "Maintenance", "?tab=mail", "Deactivate", "Send mail"} {
		if strings.Contains(page, hidden) {
			t.Errorf("a reader of users sees %q", hidden)
		}
	}
	if code := f.get("/admin/users/tuser/2/change/?tab=mail").Code; code != http.StatusForbidden {
		t.Errorf("the mail of a reader: got %d", code)
	}
}

// TestUserPage_Older shows that all events are reached, each once.
func TestUserPage_Older(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	const changes = 120
	for i := range changes {
		in := form.Input{"phone": {Kind: form.String, Text: strconv.Itoa(i)}}
		if _, err := f.users.Update(t.Context(), root, 1, in, form.Partial); err != nil {
			t.Fatal(err)
		}
	}
	seen, parts := map[string]bool{}, 0
	for path := "/admin/users/tuser/1/change/?tab=timeline"; path != ""; parts++ {
		page := f.page(path)
		for i := range changes {
			if text := fmt.Sprintf("to “%d”</p>", i); strings.Contains(page, text) {
				if seen[text] {
					t.Errorf("%s is there twice", text)
				}
				seen[text] = true
			}
		}
		path = ""
		if _, after, ok := strings.Cut(page, `rel="next" href="`); ok {
			path, _, _ = strings.Cut(strings.ReplaceAll(after, "&amp;", "&"), `"`)
		}
	}
	if len(seen) != changes || parts != 3 {
		t.Errorf("got %d of %d changes on %d parts", len(seen), changes, parts)
	}
}

// TestUserPage_Neighbors shows the links to the users beside one in the list: with
// filters and orders, across pages, and none elsewhere.
func TestUserPage_Neighbors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(60)
	for _, tt := range []struct {
		id         int
		list       string
		prev, next int
		prevPage   string
		nextPage   string
	}{
		{60, "", 0, 59, "", ""},
		{59, "", 60, 58, "", ""},
		{11, "", 12, 10, "", "2"},
		{10, "", 0, 0, "", ""}, // on the second page
		{10, "p=2", 11, 9, "", "2"},
		{1, "p=2", 2, 0, "2", ""},
		{1, "o=7", 0, 2, "", ""},
		{3, "is_active__exact=0&o=7", 0, 6, "", ""},
		{2, "is_active__exact=0", 0, 0, "", ""}, // is active
		{57, "q=user5&o=1", 56, 58, "", ""},
		{5, "nonsense=1", 0, 0, "", ""},
	} {
		page := f.page(fmt.Sprintf("/admin/users/tuser/%d/change/?tab=timeline&_changelist_filters=%s", tt.id, url.QueryEscape(tt.list)))
		checkNeighbor(t, page, "prev", tt.prev, tt.prevPage)
		checkNeighbor(t, page, "next", tt.next, tt.nextPage)
	}
}

func checkNeighbor(t *testing.T, page, rel string, id int, listPage string) {
	t.Helper()
	nav := ""
	if _, after, ok := strings.Cut(page, `<nav class="neighbors"`); ok {
		nav, _, _ = strings.Cut(after, "</nav>")
	}
	_, after, found := strings.Cut(nav, `rel="`+rel+`" href="`)
	href, _, _ := strings.Cut(strings.ReplaceAll(after, "&amp;", "&"), `"`)
	to, err := url.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := url.ParseQuery(to.Query().Get("_changelist_filters"))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case !found && id == 0:
	case !found || !strings.HasPrefix(href, fmt.Sprintf("/admin/users/tuser/%d/change/", id)) || to.Query().Get("tab") != "timeline" || kept.Get("p") != listPage:
		t.Errorf("%s: got %q, want user %d on page %q", rel, href, id, listPage)
	}
}

// TestUserPage_Buttons shows the actions of the page.
func TestUserPage_Buttons(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(2)
	f.post("/admin/users/tuser/1/deactivate/", url.Values{})
	wantOn(t, "a deactivated user", f.page("/admin/users/tuser/1/change/"), "The user was deactivated.", ">Inactive<", ">Activate<")
	if f.find(1).IsActive {
		t.Error("still active")
	}
	f.post("/admin/users/tuser/1/activate/", url.Values{})
	wantOn(t, "an activated user", f.page("/admin/users/tuser/1/change/"), "The user was activated.", ">Deactivate<")

	if w := f.post("/admin/users/tuser/2/mail/", url.Values{"subject": {" "}, "message": {"Hi"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no subject: got %d", w.Code)
	}
	wantOn(t, "the form", f.page("/admin/users/tuser/2/mail/"), "Send mail to user2", "user2@example.com", `name="message"`)
	f.post("/admin/users/tuser/2/mail/", url.Values{"subject": {"Hello"}, "message": {"How are you?"}})
	wantOn(t, "after", f.page("/admin/users/tuser/2/change/"), "The mail was queued.")
	found, err := f.store.FindTask(t.Context(), 1)
	if err != nil || found.Kind != "send_bulk_notification" || !strings.Contains(string(found.Args), `id eq 2`) {
		t.Errorf("got %+v, %v", found, err)
	}
	if err := f.subscriptions.Set(t.Context(), root, 2, false); err != nil {
		t.Fatal(err)
	}
	if w := f.post("/admin/users/tuser/2/mail/", url.Values{"subject": {"Hello"}, "message": {"How are you?"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "unsubscribed") {
		t.Errorf("unsubscribed: got %d %s", w.Code, w.Body)
	}
}

// TestUserPage_Data shows the file with everything about a user, and what it lacks for
// an actor who may not view tasks.
func TestUserPage_Data(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(2)
	in := form.Input{"phone": {Kind: form.String, Text: "12"}}
	if _, err := f.users.Update(t.Context(), root, 2, in, form.Partial); err != nil {
		t.Fatal(err)
	}
	f.start(job.WelcomeKind, `{"user_id": 2}`)
	read := func() (data map[string]any) {
		t.Helper()
		w := f.get("/admin/users/tuser/2/data/")
		if err := json.Unmarshal(w.Body.Bytes(), &data); err != nil || w.Header().Get("Content-Disposition") != `attachment; filename="tuser-2-data.json"` {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return data
	}
	data := read()
	row, _ := data["user"].(map[string]any)
	audit, _ := data["audit"].([]any)
	tasks, _ := data["tasks"].([]any)
	mail, _ := data["mail"].([]any)
	if row["phone"] != "12" || row["username"] != "user2" || data["gets_mailings"] != true || len(audit) != 1 || len(tasks) != 1 || mail == nil {
		t.Errorf("got %v", data)
	}
	f.handler = f.handlerFor(staff(access.ViewUser))
	if data = read(); data["tasks"] != nil || data["mail"] != nil || data["audit"] == nil {
		t.Errorf("a reader of users gets %v", data)
	}
	if code := f.get("/admin/users/tuser/9/data/").Code; code != http.StatusNotFound {
		t.Errorf("no such user: got %d", code)
	}
}
