package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Each part of a list's layout that is chosen is kept in the cookie, and the URL comes
// first. A request without a choice keeps nothing.
func TestList_KeepsEachChoice(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const kept = "cols=phone&density=compact&per_page=25"
	for _, c := range []struct {
		query, cookie string
		want          string // the values of the new cookie; "" for none
	}{
		{"", "", ""}, {"", kept, ""}, {"?q=x", kept, ""},
		{"?cols=email", "", "cols=email&per_page=50"}, {"?per_page=50", "", "per_page=50"}, {"?density=compact", "", "density=compact&per_page=50"},
		{"?cols=email", kept, "cols=email&density=compact&per_page=25"}, {"?per_page=50", kept, "cols=phone&density=compact&per_page=50"},
		{"?cols=email", strings.Repeat("x", 1001), "cols=email&per_page=50"}, {"?cols=email", "other=1&per_page=25", "cols=email&per_page=50"},
	} {
		r := httptest.NewRequest(http.MethodGet, listPath+c.query, http.NoBody)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "roster_admin_layout", Value: c.cookie})
		}
		w := httptest.NewRecorder()
		f.handler.ServeHTTP(w, r)
		got := ""
		for _, cookie := range w.Result().Cookies() {
			if cookie.Name != "roster_admin_layout" {
				continue
			}
			values, err := url.ParseQuery(cookie.Value)
			if err != nil || cookie.Path != listPath || cookie.MaxAge != 365*24*3600 || !cookie.HttpOnly || cookie.Secure {
				t.Errorf("%s: got %s, %v", c.query, cookie, err)
			}
			got = values.Encode()
		}
		if w.Code != http.StatusOK || got != c.want {
			t.Errorf("%s with the cookie %.60q: got %d and %q, want %q", c.query, c.cookie, w.Code, got, c.want)
		}
	}
}

// A search with more words than a list takes finds nothing there, and is no error.
func TestSearch_ManyWords(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(2)
	for n, want := range map[int]string{1: "Users:\nuser1 /admin/users/tuser/1/change/", 4: "Users:\nuser1 /admin/users/tuser/1/change/", 40: ""} {
		words := []string{"user1", "user", "ser1", "ser"} // distinct ones
		for i := len(words); i < n; i++ {
			words = append(words, strings.Repeat("x", i))
		}
		if got := f.found(strings.Join(words[:n], " ")); got != want {
			t.Errorf("%d words: got %q, want %q", n, got, want)
		}
	}
}
