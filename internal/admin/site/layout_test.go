package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What a visitor chose of a list is there the next time, in this list alone.
func TestList_RemembersLayout(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(60)
	const list = "/admin/users/tuser/"
	usual := f.page(list)
	f.page(list + "?cols=-&cols=email&per_page=25")
	cookie := f.cookies["roster_admin_layout"]
	if cookie == nil || cookie.Path != list || !cookie.HttpOnly || cookie.MaxAge < 86400 {
		t.Fatalf("got %+v, want a cookie of the list", cookie)
	}
	page := f.page(list)
	if got := len(rowNames(page)); got != 25 || strings.Contains(page, `data-label="Phone"`) || !strings.Contains(page, "per_page=50") {
		t.Errorf("got %d rows, want 25 with the chosen columns, and the usual size to choose", got)
	}
	if got := len(rowNames(f.page(list + "?per_page=50"))); got != 50 {
		t.Errorf("got %d rows, want the 50 that the address asks for", got)
	}
	if page := f.page(list); len(rowNames(page)) != 50 || page == usual {
		t.Error("the size that was chosen last is not kept, or the columns with it are not")
	}
	if w := f.get(list + "?per_page=7"); w.Code != http.StatusFound || f.cookies["roster_admin_layout"].Value != "cols=email&per_page=50" {
		t.Errorf("a size that there is not: got %d, and the cookie %q", w.Code, f.cookies["roster_admin_layout"].Value)
	}
}

// A cookie that is none of ours changes nothing.
func TestList_ForgetsBadLayout(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(30)
	usual := f.page("/admin/users/tuser/")
	for _, value := range []string{"cols=password", "per_page=1", "q=user1", "p=2", "%zz", "", "cols=" + strings.Repeat("x", 2000), url.Values{"o": {"1"}}.Encode()} {
		f.cookies["roster_admin_layout"] = &http.Cookie{Name: "roster_admin_layout", Value: value}
		if page := f.page("/admin/users/tuser/"); len(rowNames(page)) != len(rowNames(usual)) || value != "" && page != usual {
			t.Errorf("%.20q changes the list", value)
		}
	}
}
