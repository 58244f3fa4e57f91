package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/audit"
	"roster/internal/user"
)

// act sends the form of a list and returns the address of the question.
func (f *fixture) act(list string, form url.Values) string {
	f.t.Helper()
	w := f.post(list, form)
	target := w.Header().Get("Location")
	path, _, _ := strings.Cut(list, "?")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(target, path+"actions/") {
		f.t.Fatalf("got %d to %q, want to be asked", w.Code, target)
	}
	return target
}

// answer sends the form of a page of an action and returns where it leads.
func (f *fixture) answer(page string) string {
	f.t.Helper()
	path, query, _ := strings.Cut(page, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		f.t.Fatal(err)
	}
	w := f.post(path, url.Values{"work": values["work"]})
	if w.Code != http.StatusSeeOther {
		f.t.Fatalf("got %d:\n%.2000s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func TestAction_Selection(t *testing.T) {
	t.Parallel()
	onEngines(t, checkSelection)
}

func checkSelection(t *testing.T, f *fixture) {
	t.Helper()
	f.insert(5)
	asked := f.act("/admin/users/tuser/?o=1", url.Values{"action": {"deactivate_selected"}, "_selected_action": {"1", "3", "4", "x", "-1"}})
	question := f.page(asked)
	for _, want := range []string{"Deactivate these users?", "<strong>2 users</strong>", "1 of the selected", "<li>user1</li>", "<li>user4</li>"} {
		if !strings.Contains(question, want) {
			t.Errorf("the question lacks %q:\n%s", want, question)
		}
	}
	if !f.find(1).IsActive {
		t.Error("done before the answer")
	}
	if list := f.answer(asked); list != "/admin/users/tuser/?o=1" {
		t.Errorf("leads to %q, want the list", list)
	}
	if page := f.page("/admin/users/tuser/?o=1"); !strings.Contains(page, "2 users were deactivated, 1 not changed.") {
		t.Error("the list does not say what was done")
	}
	if f.find(1).IsActive || f.find(4).IsActive || !f.find(5).IsActive {
		t.Error("others were deactivated than those selected")
	}
	f.answer(f.act("/admin/users/tuser/", url.Values{"action": {"delete_selected"}, "_selected_action": {"1"}}))
	if page := f.page("/admin/users/tuser/"); !strings.Contains(page, "1 user was deleted.") || len(rowNames(page)) != 4 {
		t.Error("the list does not say what was deleted")
	}
}

// work takes all steps of an action on 12,000 users and returns the address at the end.
func (f *fixture) work(at string) string {
	f.t.Helper()
	for steps := 1; ; steps++ {
		at = f.answer(at)
		page := f.page(at)
		if steps == 2 && !strings.Contains(page, `<progress class="progress" value="1000" max="12000"`) {
			f.t.Errorf("after two steps:\n%s", page)
		}
		if strings.Contains(page, "Back to the list") {
			if steps < 24 {
				f.t.Errorf("got %d steps, want no more than %d users in each", steps, user.MaxBatch)
			}
			return at
		}
		if steps == 1 && f.page(at) != page {
			f.t.Error("the page cannot be loaded again")
		}
	}
}

// TestAction_All runs an action on 12,000 users that match, step by step.
func TestAction_All(t *testing.T) {
	t.Parallel()
	const all = 12_000
	f := newFixture(t)
	f.insert(all)
	const list = "/admin/users/tuser/?q=user"
	if page := f.page(list); !strings.Contains(page, "All 2,000&#43; users, not only this page") {
		t.Error("the list does not offer all that match")
	}
	at := f.act(list, url.Values{"action": {"deactivate_selected"}, "select_across": {"1"}, "_selected_action": {"1"}})
	if question := f.page(at); !strings.Contains(question, "<strong>8,000 users</strong>") || !strings.Contains(question, "4,000 of the selected") || !strings.Contains(question, "and 11,980 more") {
		t.Errorf("the question is about others:\n%.3000s", question)
	}
	at = f.work(at)
	if page := f.page(at); !strings.Contains(page, "8,000 users were deactivated, 4,000 not changed.") {
		t.Errorf("at the end:\n%s", page)
	}
	if n, err := f.users.CountActive(t.Context(), root); err != nil || n != 0 {
		t.Errorf("got %d active, %v, want none", n, err)
	}
	counts, err := f.trail.Count(t.Context(), root, audit.Filter{Actor: "root"})
	if err != nil || counts.By[audit.ByAction]["update"] != 8_000 {
		t.Errorf("audit trail: got %+v, %v", counts, err)
	}
	if again := f.answer(at); !strings.Contains(f.page(again), "8,000 users were deactivated") {
		t.Error("the last step taken again does something")
	}
}

func TestAction_Nothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"no action":    {url.Values{"_selected_action": {"1"}}, "No action selected."},
		"no selection": {url.Values{"action": {"delete_selected"}}, "Items must be selected"},
		"no match":     {url.Values{"action": {"delete_selected"}, "select_across": {"1"}}, "Items must be selected"},
	} {
		wantSent(t, f.post("/admin/users/tuser/?q=missing", c.form), "/admin/users/tuser/?q=missing")
		if page := f.page("/admin/users/tuser/?q=missing"); !strings.Contains(page, c.want) {
			t.Errorf("%s: the list does not say %q", name, c.want)
		}
	}
	if code := f.post("/admin/users/tuser/", url.Values{"action": {"other"}, "_selected_action": {"1"}}).Code; code != http.StatusNotFound {
		t.Errorf("another action: got %d, want 404", code)
	}
	if code := f.post("/admin/users/tuser/?nonsense=1", url.Values{"action": {"delete_selected"}, "select_across": {"1"}}).Code; code != http.StatusBadRequest {
		t.Errorf("a list that there is not: got %d, want 400", code)
	}
	f.find(1)
}

// TestAction_Permissions shows that an action needs its permission at every
// step, and that work cannot be made up, or taken from another.
func TestAction_Permissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(2)
	form := url.Values{"action": {"delete_selected"}, "_selected_action": {"1"}}
	asked := f.act("/admin/users/tuser/", form)
	path, query, _ := strings.Cut(asked, "?")
	values, _ := url.ParseQuery(query)
	for name, c := range map[string]struct {
		actor access.Actor
		want  int
	}{
		"may not delete": {staff(access.ViewUser, access.ChangeUser), http.StatusForbidden},
		"another actor":  {staff(access.ViewUser, access.DeleteUser), http.StatusNotFound},
	} {
		f.handler = f.handlerFor(c.actor)
		if got := f.get(asked).Code; got != c.want {
			t.Errorf("%s: question: got %d, want %d", name, got, c.want)
		}
		if got := f.post(path, values).Code; got != c.want {
			t.Errorf("%s: answer: got %d, want %d", name, got, c.want)
		}
	}
	f.handler = f.handlerFor(staff(access.ViewUser, access.ChangeUser))
	if code := f.post("/admin/users/tuser/", form).Code; code != http.StatusForbidden {
		t.Errorf("choosing what one may not do: got %d, want 403", code)
	}
	if page := f.page("/admin/users/tuser/"); strings.Contains(page, "delete_selected") || !strings.Contains(page, "activate_selected") {
		t.Error("the list offers other actions than those allowed")
	}
	f.handler = f.handlerFor(staff(access.ViewUser))
	if page := f.page("/admin/users/tuser/"); strings.Contains(page, "_selected_action") {
		t.Error("the list offers a selection to who can do nothing with it")
	}
	f.handler = f.handlerFor(root)
	for _, work := range []string{"", "x.y", values.Get("work") + "x", strings.ToUpper(values.Get("work"))} {
		if code := f.post(path, url.Values{"work": {work}}).Code; code != http.StatusNotFound {
			t.Errorf("work %.20q: got %d, want 404", work, code)
		}
	}
	if code := f.post(strings.Replace(path, "delete", "activate", 1), values).Code; code != http.StatusNotFound {
		t.Errorf("the work of another action: got %d, want 404", code)
	}
	f.find(1)
}

// Work on a list that a later version does not support selects no records rather
// than all.
func TestAction_ListIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(3)
	asked := f.act("/admin/users/tuser/?is_active__exact=0", url.Values{"action": {"delete_selected"}, "select_across": {"1"}})
	path, signed, _ := strings.Cut(asked, "?work=")
	signer, work := site.NewSigner("a secret of the tests"), map[string]any{}
	if !signer.Open("work", signed, &work) {
		t.Fatalf("%q is no work", signed)
	}
	work["List"] = "is_gone__exact=0"
	signed, err := signer.Sign("work", work)
	if err != nil {
		t.Fatal(err)
	}
	if code := f.get(path + "?work=" + signed).Code; code != http.StatusNotFound {
		t.Errorf("question: got %d, want 404", code)
	}
	if code := f.post(path, url.Values{"work": {signed}}).Code; code != http.StatusNotFound {
		t.Errorf("answer: got %d, want 404", code)
	}
	f.find(1)
}

func TestAction_Pages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(1002)
	at := f.act("/admin/users/tuser/", url.Values{"action": {"delete_selected"}, "select_across": {"1"}})
	hide := func(page string) string { // what is signed differs with the key's random mask of the form
		return strings.ReplaceAll(page, at[strings.Index(at, "=")+1:], "WORK")
	}
	wantGolden(t, "work-question", hide(f.page(at)))
	at = f.answer(at)
	wantGolden(t, "work-progress", hide(f.page(at)))
	at = f.answer(f.answer(at))
	wantGolden(t, "work-done", hide(f.page(at)))
}
