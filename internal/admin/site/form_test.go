package site_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/user"
)

// formOf returns the fields of the form of a page with their values, as a
// browser would send them.
func formOf(t *testing.T, page string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "input" && n.Data != "textarea" && n.Data != "option" {
			continue
		}
		attributes := attributesOf(n)
		if n.Data == "option" {
			if _, selected := attributes["selected"]; selected {
				form.Add(attributesOf(n.Parent)["name"], attributes["value"])
			}
			continue
		}
		_, checked := attributes["checked"]
		switch {
		case attributes["name"] == "" || attributes["type"] == "checkbox" && !checked:
		case n.Data == "textarea" && n.FirstChild != nil:
			form.Add(attributes["name"], n.FirstChild.Data)
		default:
			form.Add(attributes["name"], attributes["value"])
		}
	}
	return form
}

func attributesOf(n *html.Node) map[string]string {
	attributes := map[string]string{}
	for _, a := range n.Attr {
		attributes[a.Key] = a.Val
	}
	return attributes
}

// with returns a form with other values, as name, value pairs.
func with(form url.Values, pairs ...string) url.Values {
	changed := maps.Clone(form)
	for i := 0; i < len(pairs); i += 2 {
		changed[pairs[i]] = []string{pairs[i+1]}
	}
	return changed
}

// wantSent checks that a form was taken, and where it leads.
func wantSent(t *testing.T, w *httptest.ResponseRecorder, target string) {
	t.Helper()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != target {
		t.Errorf("got %d to %q, want 303 to %q:\n%.2000s", w.Code, w.Header().Get("Location"), target, w.Body)
	}
}

// find returns the user as it is stored.
func (f *fixture) find(id int64) user.User {
	f.t.Helper()
	u, err := f.users.Find(f.t.Context(), root, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return u
}

// TestForm_Life follows a user from the form that adds it to its end.
func TestForm_Life(t *testing.T) {
	t.Parallel()
	onEngines(t, checkFormLife)
}

func checkFormLife(t *testing.T, f *fixture) {
	t.Helper()
	page := f.page("/admin/users/tuser/add/")
	wantGolden(t, "form-add", page)
	sent := formOf(t, page)
	if sent.Get("is_active") != "true" || sent.Has("created_at") {
		t.Errorf("got %v, want an active user and no dates to fill in", sent)
	}
	wantSent(t, f.post("/admin/users/tuser/add/", with(sent, "username", "ada", "email", "Ada@Example.com", "address", "a\r\nb", "_continue", "1")),
		"/admin/users/tuser/1/change/")
	if u := f.find(1); u.Email != "ada@example.com" || u.FirstName.Valid || u.Address.String != "a\nb" || !u.IsActive {
		t.Errorf("got %+v", u)
	}
	page = f.page("/admin/users/tuser/1/change/")
	wantGolden(t, "form-change", page)
	if again := f.page("/admin/users/tuser/1/change/"); !strings.Contains(page, "was added successfully") || strings.Contains(again, "was added successfully") {
		t.Error("the message is not shown, or more than once")
	}
	sent = formOf(t, page)
	sent.Del("is_active")
	wantSent(t, f.post("/admin/users/tuser/1/change/", with(sent, "first_name", " Ada ", "_save", "1")), "/admin/users/tuser/")
	if u := f.find(1); u.IsActive || u.FirstName != form.TextOf("Ada") || u.Address.String != "a\nb" {
		t.Errorf("got %+v", u)
	}
	sent = formOf(t, f.page("/admin/users/tuser/1/change/"))
	wantSent(t, f.post("/admin/users/tuser/1/change/", with(sent, "first_name", "", "_addanother", "1")), "/admin/users/tuser/add/")
	if u := f.find(1); u.FirstName.Valid {
		t.Errorf("first name: got %+v, want none", u.FirstName)
	}
	page = f.page("/admin/users/tuser/1/delete/")
	wantGolden(t, "delete", page)
	wantSent(t, f.post("/admin/users/tuser/1/delete/", formOf(t, page)), "/admin/users/tuser/")
	if page := f.page("/admin/users/tuser/"); !strings.Contains(page, "“ada” was deleted successfully") {
		t.Error("the list does not say what was deleted")
	}
	for _, path := range []string{"change/", "delete/"} {
		if code := f.get("/admin/users/tuser/1/" + path).Code; code != http.StatusNotFound {
			t.Errorf("%s afterwards: got %d, want 404", path, code)
		}
	}
}

// A ticked box counts whatever a program sends for it, as with Django.
func TestForm_Boxes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	form := formOf(t, f.page("/admin/users/tuser/add/"))
	for i, tt := range []struct {
		sent string
		want bool
	}{{"on", true}, {"1", true}, {"true", true}, {"false", false}, {"", false}} {
		name := fmt.Sprint("user", i)
		wantSent(t, f.post("/admin/users/tuser/add/", with(form, "username", name, "email", name+"@example.com", "is_active", tt.sent)),
			"/admin/users/tuser/")
		if got := f.find(int64(i + 1)).IsActive; got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.sent, got, tt.want)
		}
	}
}

func TestForm_Faults(t *testing.T) {
	t.Parallel()
	onEngines(t, checkFormFaults)
}

func checkFormFaults(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(2)
	w := f.post("/admin/users/tuser/add/", url.Values{"username": {"user1"}, "email": {"nonsense <b>"}, "phone": {strings.Repeat("1", 21)}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("got %d, want 422", w.Code)
	}
	wantGolden(t, "form-faults", w.Body.String())
	for _, want := range []string{"t user with this username already exists.", "Enter a valid email address.", "no more than 20 characters", "nonsense &lt;b&gt;"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	form := formOf(t, f.page("/admin/users/tuser/1/change/"))
	w = f.post("/admin/users/tuser/1/change/", with(form, "username", "user2", "first_name", "kept"))
	again := formOf(t, w.Body.String())
	if w.Code != http.StatusUnprocessableEntity || again.Get("first_name") != "kept" || again.Get("initial-first_name") != "First1" {
		t.Errorf("got %d and %v, want the form as it was sent", w.Code, again)
	}
	wantSent(t, f.post("/admin/users/tuser/1/change/", with(again, "username", "other")), "/admin/users/tuser/")
	if u := f.find(1); u.Username != "other" || u.FirstName.String != "kept" {
		t.Errorf("got %+v", u)
	}
}

// TestForm_TwoPeople lets two change one record: nothing of the first is lost,
// and the second sees it and decides.
func TestForm_TwoPeople(t *testing.T) {
	t.Parallel()
	onEngines(t, checkFormTwoPeople)
}

func checkFormTwoPeople(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(1)
	const path = "/admin/users/tuser/1/change/"
	mine := formOf(t, f.page(path))
	wantSent(t, f.post(path, with(mine, "first_name", "Theirs", "last_name", "Theirs")), "/admin/users/tuser/")
	w := f.post(path, with(mine, "first_name", "Mine", "phone", "123"))
	if w.Code != http.StatusConflict {
		t.Fatalf("got %d, want 409", w.Code)
	}
	wantGolden(t, "form-conflict", w.Body.String())
	if u := f.find(1); u.FirstName.String != "Theirs" || u.Phone.Valid {
		t.Fatalf("got %+v, want what the first saved", u)
	}
	merged := formOf(t, w.Body.String())
	for name, want := range map[string]string{"first_name": "Mine", "last_name": "Theirs", "phone": "123"} {
		if got := merged.Get(name); got != want {
			t.Errorf("%s: the form has %q, want %q", name, got, want)
		}
	}
	wantSent(t, f.post(path, merged), "/admin/users/tuser/")
	if u := f.find(1); u.FirstName.String != "Mine" || u.LastName.String != "Theirs" || u.Phone.String != "123" {
		t.Errorf("got %+v", u)
	}
	old := f.post(path, with(mine, "_save", "1")) // nothing changed in a form that is out of date
	if old.Code != http.StatusConflict {
		t.Errorf("an old form: got %d, want 409", old.Code)
	}
}

func TestDelete_Outdated(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	asked := formOf(t, f.page("/admin/users/tuser/1/delete/"))
	form := formOf(t, f.page("/admin/users/tuser/1/change/"))
	f.post("/admin/users/tuser/1/change/", with(form, "first_name", "Changed"))
	w := f.post("/admin/users/tuser/1/delete/", asked)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Changed") {
		t.Fatalf("got %d, want to be asked again about what is there now", w.Code)
	}
	f.find(1)
	wantSent(t, f.post("/admin/users/tuser/1/delete/", formOf(t, w.Body.String())), "/admin/users/tuser/")
}

func TestForm_NothingChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	before := f.find(1)
	wantSent(t, f.post("/admin/users/tuser/1/change/", formOf(t, f.page("/admin/users/tuser/1/change/"))), "/admin/users/tuser/")
	if after := f.find(1); after != before {
		t.Errorf("got %+v, want it untouched", after)
	}
	if !strings.Contains(f.page("/admin/users/tuser/"), "was not changed.") {
		t.Error("the list does not say so")
	}
}

// TestForm_KeepsList leads back to the list as it was, and nowhere else.
func TestForm_KeepsList(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(3)
	link := regexp.MustCompile(`href="([^"]*/3/change/[^"]*)"`).FindStringSubmatch(f.page("/admin/users/tuser/?q=user&o=-1"))[1]
	page := f.page(html.UnescapeString(link))
	action := html.UnescapeString(regexp.MustCompile(`class="record-form" method="post" action="([^"]*)"`).FindStringSubmatch(page)[1])
	wantSent(t, f.post("/admin/users/tuser/3/change/"+action, with(formOf(t, page), "phone", "1")), "/admin/users/tuser/?o=-1&q=user")
	page = f.page("/admin/users/tuser/3/change/")
	wantSent(t, f.post("/admin/users/tuser/3/change/?_changelist_filters=%2F%2Fevil.example%0D%0AX", formOf(t, page)), "/admin/users/tuser/?%2F%2Fevil.example%0D%0AX=")
}

// TestForm_Permissions shows what each permission allows, on the page and behind it.
func TestForm_Permissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	form := formOf(t, f.page("/admin/users/tuser/1/change/"))
	for name, c := range map[string]struct {
		actor                     access.Actor
		view, add, change, remove int
	}{
		"view":            {staff(access.ViewUser), 200, 403, 403, 403},
		"view and add":    {staff(access.ViewUser, access.AddUser), 200, 422, 403, 403},
		"view and change": {staff(access.ViewUser, access.ChangeUser), 200, 403, 303, 403},
		"view and delete": {staff(access.ViewUser, access.DeleteUser), 200, 403, 403, 409},
	} {
		f.handler = f.handlerFor(c.actor)
		w := f.get("/admin/users/tuser/1/change/")
		page := w.Body.String()
		offers := func(what string) bool { return strings.Contains(page, what) }
		if w.Code != c.view || offers(`name="_save"`) != (c.change == 303) || offers("/delete/") != (c.remove != 403) || offers(`name="username"`) != (c.change == 303) {
			t.Errorf("%s: the form offers something else:\n%s", name, page)
		}
		if got := f.post("/admin/users/tuser/add/", url.Values{}).Code; got != c.add {
			t.Errorf("%s: add: got %d, want %d", name, got, c.add)
		}
		if got := f.post("/admin/users/tuser/1/change/", form).Code; got != c.change {
			t.Errorf("%s: change: got %d, want %d", name, got, c.change)
		}
		if got := f.post("/admin/users/tuser/1/delete/", url.Values{"_version": {"1-1"}}).Code; got != c.remove {
			t.Errorf("%s: delete: got %d, want %d", name, got, c.remove)
		}
	}
}

func TestForm_BadRequests(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	for path, want := range map[string]int{
		"/admin/users/tuser/0/change/":                    404,
		"/admin/users/tuser/01/change/":                   404,
		"/admin/users/tuser/x/change/":                    404,
		"/admin/users/tuser/99999999999999999999/change/": 404,
		"/admin/users/tuser/2/change/":                    404,
		"/admin/users/tuser/1/":                           302,
		"/admin/users/tuser/1/nothing/":                   404,
	} {
		if got := f.get(path).Code; got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	for _, version := range []string{"", "x", "99999999999999999999"} {
		form := url.Values{"_version": {version}, "username": {"eve"}}
		if got := f.post("/admin/users/tuser/1/change/", form).Code; got != http.StatusBadRequest {
			t.Errorf("version %q: got %d, want 400", version, got)
		}
	}
}

// TestFlash_Forged shows that a message that this server did not write is not shown.
func TestFlash_Forged(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, value := range []string{"", "x", "e30.x", "eyJCZWZvcmUiOiJFdmlsIn0.AAAA"} {
		f.cookies["roster_admin_message"] = &http.Cookie{Name: "roster_admin_message", Value: value}
		if page := f.page("/admin/users/tuser/"); strings.Contains(page, "alert-good") {
			t.Errorf("%q is shown", value)
		}
	}
}

// The form of a user says whether the user gets mailings, and changes it; new users
// get them.
func TestForm_Mailings(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.insert(1)
		const path = "/admin/users/tuser/1/change/"
		wantBox := func(ticked bool) {
			t.Helper()
			if got := formOf(t, f.get(path).Body.String()).Get("mailings"); (got == "true") != ticked {
				t.Errorf("got the value %q, want ticked: %v", got, ticked)
			}
		}
		wantBox(true)
		for _, ticked := range []bool{false, true} {
			form := formOf(t, f.get(path).Body.String())
			form.Del("mailings")
			if ticked {
				form.Set("mailings", "true")
			}
			wantSent(t, f.post(path, with(form, "_save", "1")), "/admin/users/tuser/")
			wantBox(ticked)
		}
		if strings.Contains(f.get("/admin/users/tuser/add/").Body.String(), "mailings") {
			t.Error("the form of a new user has the field")
		}
	})
}
