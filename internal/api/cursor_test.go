package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/internal/query"
)

// A client follows the links of pages by cursor to the end and back.
func TestList_Cursor(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{pageSize: 2}, testListCursor)
}

type slice struct {
	Next, Previous *string
	Results        []struct{ Username string }
}

func (s slice) names() (all string) {
	for _, r := range s.Results {
		all += r.Username + " "
	}
	return strings.TrimSpace(all)
}

// follow requests the address of a link.
func (f *fixture) follow(t *testing.T, link *string) (s slice) {
	t.Helper()
	if link == nil {
		t.Fatal("got no link")
	}
	u, err := url.Parse(*link)
	if err != nil {
		t.Fatal(err)
	}
	got := f.do(t, "GET", u.RequestURI(), "")
	if err := json.Unmarshal(got.Body.Bytes(), &s); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s, %v", *link, got.Code, got.Body, err)
	}
	if strings.Contains(got.Body.String(), "count") {
		t.Errorf("%s: got %s, want no count", *link, got.Body)
	}
	return s
}

func testListCursor(t *testing.T, f *fixture) {
	t.Helper()
	start := "http://example.com/api/users/?cursor="
	first := f.follow(t, &start)
	second := f.follow(t, first.Next)
	again := f.follow(t, second.Previous)
	if got := first.names() + "|" + second.names() + "|" + again.names(); got != "zoe grace|ada|zoe grace" || first.Previous != nil || second.Next != nil || again.Previous != nil {
		t.Errorf("got %s, %v, %v, %v", got, first.Previous, second.Next, again.Previous)
	}
	if !strings.HasPrefix(*first.Next, "http://example.com/api/users/?cursor=ey") {
		t.Errorf("got the link %s", *first.Next)
	}
	start += "&ordering=username&page_size=1&is_active=true"
	first = f.follow(t, &start)
	if got := first.names() + "|" + f.follow(t, first.Next).names(); got != "ada|zoe" {
		t.Errorf("got %s, want ada|zoe", got)
	}
	cursor := query.Cursor{ID: 2}.String()
	for parameters, want := range map[string]string{
		"cursor=x":                                `404 {"detail":"Invalid cursor"}`,
		"cursor=" + cursor:                        `404 {"detail":"Invalid cursor"}`, // without a time
		"ordering=id&cursor=" + cursor:            `404 {"detail":"Invalid cursor"}`, // of another order
		"cursor=&ordering=last_name":              `400 {"ordering":["Pages by cursor are ordered by one of created_at, email, id, updated_at and username."]}`,
		"cursor=&ordering=created_at,-id":         `400 {"ordering":["Pages by cursor are ordered by one of created_at, email, id, updated_at and username."]}`,
		"cursor=&ordering=email,created_at&page=": `400 {"ordering":["Pages by cursor are ordered by one of created_at, email, id, updated_at and username."]}`,
	} {
		got := f.do(t, "GET", "/api/users/?"+parameters, "")
		if status := strings.TrimSpace(http.StatusText(got.Code)); status == "" || strings.TrimSpace(want[4:]) != strings.TrimSpace(got.Body.String()) {
			t.Errorf("%s: got %d %s, want %s", parameters, got.Code, got.Body, want)
		}
	}
}

// page_size is read as DRF reads a page_size_query_param, and the links keep it.
func TestList_PageSize(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{pageSize: 2}, testListPageSize)
}

func testListPageSize(t *testing.T, f *fixture) {
	t.Helper()
	for parameters, want := range map[string]int{
		"":                        2,
		"page_size=1":             1,
		"page_size=3":             3,
		"page_size=%203%20":       3,
		"page_size=999999999999":  3,
		"page_size=0":             2,
		"page_size=-1":            2,
		"page_size=":              2,
		"page_size=x":             2,
		"page_size=1&page_size=3": 3,
		"page_size=1&search=zoe":  1,
		"page_size=3&page=1":      3,
	} {
		for range 2 { // the second is from the cache
			var page slice
			got := f.do(t, "GET", "/api/users/?"+parameters, "")
			if err := json.Unmarshal(got.Body.Bytes(), &page); err != nil || len(page.Results) != want {
				t.Errorf("%s: got %d %s, want %d users", parameters, got.Code, got.Body, want)
			}
		}
	}
	got := f.do(t, "GET", "/api/users/?page_size=1&page=2", "").Body.String()
	if want := `"next":"http://example.com/api/users/?page=3&page_size=1","previous":"http://example.com/api/users/?page_size=1"`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := f.do(t, "GET", "/api/users/?page_size=1&page=4", ""); got.Code != http.StatusNotFound {
		t.Errorf("page 4: got %d %s", got.Code, got.Body)
	}
}
