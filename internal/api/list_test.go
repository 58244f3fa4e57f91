package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"roster/internal/api"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// onCrew runs the test on each engine, on three users: ada, grace (who is not
// active), zoë.
func onCrew(t *testing.T, o setup, test func(t *testing.T, f *fixture)) {
	t.Helper()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, newCrew(t, open(t), o))
		})
	}
}

func newCrew(t *testing.T, db user.Store, o setup) *fixture {
	t.Helper()
	f := newFixture(t, db, o)
	for _, body := range []string{
		`{"username":"ada","email":"ada@example.com","first_name":"Ada","last_name":"Lovelace","phone":"+1555"}`,
		`{"username":"grace","email":"grace@example.com","last_name":"Hopper 100%","is_active":false}`,
		`{"username":"zoe","email":"zoe@example.org","first_name":"Zoë","last_name":"Ada_Müller"}`,
	} {
		if got := f.do(t, "POST", "/api/users/", body); got.Code != http.StatusCreated {
			t.Fatalf("got %d %s", got.Code, got.Body)
		}
	}
	return f
}

// TestList_Query has what each query string finds, by the ids.
func TestList_Query(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{}, testListQuery)
}

func testListQuery(t *testing.T, f *fixture) {
	t.Helper()
	for query, want := range map[string]string{
		"":                             "3 2 1",
		"search=":                      "3 2 1",
		"search=%20%2C":                "3 2 1",
		"search=ADA":                   "3 1",
		"filter=username+eq+%22ada%22": "1",
		`filter=email+ew+"example.com"+and+not+(last_name+co+"100%25")`: "1",
		`filter=id+gt+1&is_active=true&search=ada`:                      "3",
		"email__iexact=ADA@example.com":                                 "1",
		"email__endswith=.org&id__in=1,3":                               "3",
		`filter=id+lt+3+or+id+eq+3&phone__isnull=true`:                  "3 2",
		"created_at__gte=2000-01-01&created_at__lt=2001-01-01":          "",
		"id__in=3&id__in=1":                                             "1",
		"mail__exact=x&__=&search__in=1":                                "3 2 1",
		"search=ada+love":                                               "1",
		"search=ada%2Clove":                                             "1",
		"search=ada\u00a0love":                                          "1",
		"search=%2B1555":                                                "1",
		"search=100%25":                                                 "2",
		"search=%":                                                      "2",
		"search=a_m":                                                    "3",
		"search=ZO%C3%8B":                                               "3",
		"search=zo%FF":                                                  "",
		"search=missing":                                                "",
		"Search=missing":                                                "3 2 1",
		"search=missing&search=grace":                                   "2",
		"s%65arch=grace":                                                "2",
		"is_active=true":                                                "3 1",
		"is_active=TRUE":                                                "3 1",
		"is_active=1":                                                   "3 1",
		"is_active=false":                                               "2",
		"is_active=False":                                               "2",
		"is_active=0":                                                   "2",
		"is_active=":                                                    "3 2 1",
		"is_active=maybe&is_active=0":                                   "2",
		"is_active=true&search=example":                                 "3 1",
		"ordering=id":                                                   "1 2 3",
		"ordering=-username":                                            "3 2 1",
		"ordering=last_name":                                            "3 2 1",
		"ordering=first_name,-id":                                       "2 1 3",
		"ordering=is_active,username":                                   "2 1 3",
		"ordering=password":                                             "3 2 1",
		"ordering=created_at,password":                                  "1 2 3",
		"ordering=+created_at":                                          "1 2 3",
		"ordering=%2Bcreated_at":                                        "3 2 1",
		"ordering=id&ordering=-username":                                "3 2 1",
		"ordering=id%00":                                                "3 2 1",
		"ordering=id;DROP%20TABLE%20x":                                  "3 2 1",
		"search=ada&ordering=id&page=1":                                 "1 3",
		"page=last&ordering=username":                                   "1 2 3",
	} {
		for range 2 { // the second time from what was kept
			got := f.do(t, "GET", "/api/users/?"+query, "")
			var ids []string
			for _, part := range strings.Split(got.Body.String(), `{"id":`)[1:] {
				id, _, _ := strings.Cut(part, ",")
				ids = append(ids, id)
			}
			count := fmt.Sprintf(`{"count":%d,`, len(strings.Fields(want)))
			if found := strings.Join(ids, " "); got.Code != http.StatusOK || found != want || !strings.HasPrefix(got.Body.String(), count) {
				t.Errorf("?%s: got %d, users %s, want %s: %s", query, got.Code, found, want, got.Body)
			}
		}
	}
}

func TestList_QueryRefused(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{}, testListQueryRefused)
}

func testListQueryRefused(t *testing.T, f *fixture) {
	t.Helper()
	const (
		notBoolean = `{"is_active":["Must be a valid boolean."]}`
		tooLong    = `{"search":["Ensure this field has no more than 200 characters."]}`
	)
	for query, want := range map[string]string{
		"is_active=maybe":                notBoolean,
		"is_active=yes":                  notBoolean,
		"is_active=%20true":              notBoolean,
		"is_active=true&is_active=2":     notBoolean,
		"is_active=x&page=99":            notBoolean,
		"search=a%00b":                   `{"search":["Null characters are not allowed."]}`,
		"search=1+2+3+4+5+6+7+8+9+10+x":  `{"search":["Ensure this field has no more than 10 words."]}`,
		"filter=mail+pr":                 `{"filter":["Position 1: There is no field \"mail\" to filter by; use id, username, email, first_name, last_name, phone, address, is_active, created_at or updated_at."]}`,
		"filter=id+eq+%22":               `{"filter":["Position 7: The text has no closing quotation mark."]}`,
		"filter=id+eq+1+and&is_active=x": `{"is_active":["Must be a valid boolean."],"filter":["Position 12: The filter ends where a field is expected."]}`,
		"id__in=1,x&id__gt=y":            `{"filter":["id__gt: \"y\" is not an integer.","id__in: \"x\" is not an integer."]}`,
		"id__contains=1":                 `{"filter":["id__contains: id has no lookup \"contains\"; use exact, gt, gte, in, isnull, lt, lte or range."]}`,
		"search=" + strings.Repeat("x", 201) + "&is_active=x":          `{"search":["Ensure this field has no more than 200 characters."],"is_active":["Must be a valid boolean."]}`,
		"search=" + url.QueryEscape(strings.Repeat("é", 201)):          tooLong,
		"search=" + url.QueryEscape(strings.Repeat("\U0001F600", 201)): tooLong,
	} {
		if got := f.do(t, "GET", "/api/users/?"+query, ""); got.Code != http.StatusBadRequest || got.Body.String() != want {
			t.Errorf("?%.60s: got %d %s, want 400 %s", query, got.Code, got.Body, want)
		}
	}
	longest := "/api/users/?search=" + url.QueryEscape(strings.Repeat("é", 200))
	if got := f.do(t, "GET", longest, ""); got.Code != http.StatusOK {
		t.Errorf("200 characters: got %d %s", got.Code, got.Body)
	}
	if got := f.do(t, "GET", "/api/users/?search=ada&page=2", ""); got.Code != http.StatusNotFound {
		t.Errorf("a page that is not there: got %d %s", got.Code, got.Body)
	}
}

// The links of a list keep what was asked for.
func TestList_LinksKeepTheQuery(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{pageSize: 1}, testListLinksKeepTheQuery)
}

func testListLinksKeepTheQuery(t *testing.T, f *fixture) {
	t.Helper()
	got := f.do(t, "GET", "/api/users/?search=ad%C3%A0,a&is_active=&ordering=-id&page=1", "")
	if !strings.Contains(got.Body.String(), `"count":0,"next":null`) {
		t.Errorf("got %s", got.Body)
	}
	got = f.do(t, "GET", "/api/users/?search=exam+a&ordering=-id&page=2", "")
	const link = `"http://example.com/api/users/?ordering=-id&page=3&search=exam+a","previous":"http://example.com/api/users/?ordering=-id&search=exam+a"`
	if !strings.Contains(got.Body.String(), `"count":3,"next":`+link) {
		t.Errorf("got %s, want %s", got.Body, link)
	}
}

// What one query found is never shown to another, nor after a write.
func TestList_KeptByQuery(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{pageSize: 2}, testListKeptByQuery)
}

func testListKeptByQuery(t *testing.T, f *fixture) {
	t.Helper()
	wantCount := func(query string, want int) {
		t.Helper()
		for range 2 {
			if got := f.do(t, "GET", "/api/users/?"+query, "").Body.String(); !strings.HasPrefix(got, fmt.Sprintf(`{"count":%d,`, want)) {
				t.Errorf("?%s: got %s, want count %d", query, got, want)
			}
		}
	}
	wantCount("search=ada", 2)
	wantCount("", 3)
	wantCount("search=grace", 1)
	wantCount("is_active=1", 2)
	wantCount("ordering=id", 3)
	f.do(t, "PATCH", "/api/users/2/", `{"first_name":"Ada","is_active":true}`)
	wantCount("search=ada", 3)
	wantCount("is_active=1", 3)
}

// Callers who vary their searches fill a bounded room, and none of that of the
// pages of all users.
func TestKeptPages_Bounded(t *testing.T) {
	t.Parallel()
	var kept api.KeptPages
	page := make([]byte, 100<<10)
	kept.Keep(1, user.Query{}, 1, page)
	for i := range 1000 {
		q := user.Query{Search: strconv.Itoa(i)}
		kept.Keep(1, q, 1, page)
		if !kept.Has(1, q, 1) || kept.Has(1, q, 2) || kept.Has(2, q, 1) || kept.Has(1, user.Query{Order: q.Search}, 1) {
			t.Fatalf("search %d: not kept as itself", i)
		}
		if found := kept.FoundBytes(); found > 8<<20 {
			t.Fatalf("search %d: got %d bytes kept, want at most 8 MiB", i, found)
		}
	}
	if !kept.Has(1, user.Query{}, 1) {
		t.Error("the page of all users was given up")
	}
	kept.Keep(1, user.Query{Search: "huge"}, 1, make([]byte, 9<<20))
	if kept.Has(1, user.Query{Search: "huge"}, 1) || !kept.Has(1, user.Query{Search: "999"}, 1) {
		t.Error("a page that is too large was kept, or crowded out another")
	}
	for i := range 4000 {
		kept.Keep(1, user.Query{Filter: strings.Repeat("x", 4000) + strconv.Itoa(i)}, 1, nil)
	}
	if found := kept.FoundBytes(); found > 8<<20 {
		t.Errorf("long filters: got %d bytes kept, want at most 8 MiB", found)
	}
	kept.Keep(2, user.Query{Search: "1"}, 1, page)
	if kept.Has(1, user.Query{Search: "999"}, 1) || kept.FoundBytes() > 200<<10 {
		t.Error("pages of an older version were kept")
	}
}

// A page for people shows the faults of a query as the answer, and not as
// faults of the form for a new user.
func TestList_QueryOnAPage(t *testing.T) {
	t.Parallel()
	onCrew(t, setup{}, testListQueryOnAPage)
}

func testListQueryOnAPage(t *testing.T, f *fixture) {
	t.Helper()
	got := f.do(t, "GET", "/api/users/?is_active=maybe", "", "Accept", "text/html")
	if got.Code != http.StatusBadRequest || strings.Count(got.Body.String(), "Must be a valid boolean.") != 1 {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	got = f.do(t, "GET", "/api/users/?search=grace", "", "Accept", "text/html")
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "grace@example.com") || strings.Contains(got.Body.String(), "ada@example.com") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}
