package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// A user's life, as a client of the specification leads it.
func TestUsers_Life(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			created := f.do(t, "POST", "/api/users/", `{"username":" john_doe ","email":"John@Example.com","phone":12345}`)
			if created.Code != http.StatusCreated || !strings.HasPrefix(created.Body.String(),
				`{"id":1,"username":"john_doe","email":"john@example.com","first_name":null,"last_name":null,"phone":"12345","address":null,`) {
				t.Fatalf("POST: got %d %s", created.Code, created.Body)
			}
			steps := []struct {
				method, path, body string
				status             int
				want               string
			}{
				{"GET", "/api/users/1/", "", 200, `"john@example.com"`},
				{"GET", "/api/users/active_count/", "", 200, `{"active_users_count":1}`},
				{"PATCH", "/api/users/1/", `{"is_active":"no"}`, 200, `"is_active":false`},
				{"GET", "/api/users/active_count/", "", 200, `{"active_users_count":0}`},
				{"PUT", "/api/users/1/", `{"username":"jd2","email":"jd2@example.com"}`, 200, `"phone":"12345"`},
				{"PUT", "/api/users/1/", `{"username":"jd"}`, 400, `{"username":["Username must be at least 3 characters long."],"email":["This field is required."]}`},
				{"POST", "/api/users/", `{"username":"jd2","email":"JD2@example.com"}`, 400,
					`{"username":["t user with this username already exists."],"email":["t user with this email already exists."]}`},
				{"POST", "/api/users/", `{"email":"jd2@example.com","username":"x"}`, 400,
					`{"username":["Username must be at least 3 characters long."],"email":["t user with this email already exists."]}`},
				{"DELETE", "/api/users/1/", "", 204, ""},
				{"DELETE", "/api/users/1/", "", 404, `{"detail":"Not found."}`},
				{"GET", "/api/users/", "", 200, `{"count":0,"next":null,"previous":null,"results":[]}`},
				{"POST", "/api/users/", `{"username":"jd2","email":"jd2@example.com"}`, 201, `{"id":2,`},
			}
			for _, s := range steps {
				got := f.do(t, s.method, s.path, s.body)
				if got.Code != s.status || !strings.Contains(got.Body.String(), s.want) {
					t.Errorf("%s %s %s: got %d %s, want %d with %s", s.method, s.path, s.body, got.Code, got.Body, s.status, s.want)
				}
			}
		})
	}
}

// Pages are kept between writes; no write may leave an old one to be seen.
func TestList_ShowsEveryWriteAtOnce(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{pageSize: 2})
			for i := range 5 {
				f.create(t, fmt.Sprintf("user%d", i))
			}
			sees := func(target, want string) {
				t.Helper()
				for range 2 { // the second time from what was kept
					if got := f.do(t, "GET", target, "").Body.String(); !strings.Contains(got, want) {
						t.Errorf("GET %s: got %s, want %s", target, got, want)
					}
				}
			}
			sees("/api/users/", `{"count":5,"next":"http://example.com/api/users/?page=2","previous":null,"results":[{"id":5,`)
			sees("/api/users/?page=last", `"previous":"http://example.com/api/users/?page=2","results":[{"id":1,`)
			f.do(t, "PATCH", "/api/users/5/", `{"first_name":"Changed"}`)
			sees("/api/users/", `"first_name":"Changed"`)
			f.do(t, "DELETE", "/api/users/5/", "")
			sees("/api/users/", `{"count":4,"next":"http://example.com/api/users/?page=2","previous":null,"results":[{"id":4,`)
			sees("/api/users/?page=last", `"previous":"http://example.com/api/users/","results":[{"id":2,`)
			f.create(t, "newcomer")
			sees("/api/users/", `{"count":5,"next":"http://example.com/api/users/?page=2","previous":null,"results":[{"id":6,`)
			if got := f.do(t, "GET", "/api/users/?page=4", ""); got.Code != http.StatusNotFound {
				t.Errorf("page 4 of 3: got %d %s", got.Code, got.Body)
			}
		})
	}
}

// The links are of the request, not of the one that the page was kept for.
func TestList_LinksFollowTheRequest(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{pageSize: 1})
			f.create(t, "first")
			f.create(t, "second")
			for _, host := range []string{"a.example", "b.example:8080"} {
				r, w := f.send("GET", "http://"+host+"/api/users.json?x=%20", "")
				want := `"next":"http://` + host + `/api/users.json?page=2&x=+"`
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("GET %s: got %s, want %s", r.URL, w.Body, want)
				}
			}
		})
	}
}

func TestUsers_ConcurrentCreatesOfOneName(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			const clients = 16
			codes := make(chan int, clients)
			for range clients {
				go func() {
					_, w := f.send("POST", "/api/users/", `{"username":"same","email":"same@example.com"}`)
					codes <- w.Code
				}()
			}
			count := map[int]int{}
			for range clients {
				count[<-codes]++
			}
			if count[http.StatusCreated] != 1 || count[http.StatusBadRequest] != clients-1 {
				t.Errorf("got %v, want one 201 and %d 400", count, clients-1)
			}
		})
	}
}

func TestInput_TooLarge(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			got := f.do(t, "POST", "/api/users/", `{"username":"`+strings.Repeat("x", 8<<20)+`"}`)
			if want := `{"detail":"The request body is over the limit of 8 MiB."}`; got.Code != http.StatusRequestEntityTooLarge || got.Body.String() != want {
				t.Errorf("got %d %.100s, want 413 %s", got.Code, got.Body, want)
			}
		})
	}
}

func TestOptions_DescribesOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			f.create(t, "somebody")
			for path, want := range map[string]bool{"/api/users/": true, "/api/users/1/": true, "/api/users/2/": false, "/api/users/x/": false, "/api/": false} {
				got := f.do(t, "OPTIONS", path, "")
				if actions := strings.Contains(got.Body.String(), `"actions"`); got.Code != 200 || actions != want {
					t.Errorf("OPTIONS %s: got %d %s, want actions: %v", path, got.Code, got.Body, want)
				}
			}
		})
	}
}

// A page is many times as long as what it shows, so it shows only so much.
func TestPages_StaySmall(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			long := strings.Repeat(`\"`, 1<<20)
			refused := f.do(t, "POST", "/api/users/", `{"username":"`+long+`","email":"x"}`, "Accept", "text/html")
			if refused.Code != http.StatusBadRequest || refused.Body.Len() > 1<<20 {
				t.Errorf("refused: got %d and a page of %d bytes", refused.Code, refused.Body.Len())
			}
			if got := f.do(t, "POST", "/api/users/", `{"username":"long","email":"long@example.com","address":"`+long+`"}`); got.Code != http.StatusCreated {
				t.Fatalf("got %d %.200s", got.Code, got.Body)
			}
			for _, path := range []string{"/api/users/", "/api/users/1/"} {
				page := f.do(t, "GET", path, "", "Accept", "text/html")
				if page.Code != http.StatusOK || page.Body.Len() > 4<<20 || !strings.Contains(page.Body.String(), "more bytes") {
					t.Errorf("%s: got %d and a page of %d bytes", path, page.Code, page.Body.Len())
				}
			}
		})
	}
}

func TestIndex_KeepsTheFormat(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			for target, want := range map[string]string{
				"/api/":                  `{"users":"http://example.com/api/users/"}`,
				"/api/.json":             `{"users":"http://example.com/api/users.json"}`,
				"/api/?format=json":      `{"users":"http://example.com/api/users/?format=json"}`,
				"/api/.json?format=json": `{"users":"http://example.com/api/users.json?format=json"}`,
			} {
				if got := f.do(t, "GET", target, "").Body.String(); got != want {
					t.Errorf("GET %s: got %s, want %s", target, got, want)
				}
			}
		})
	}
}

// A create that is sent again with its Idempotency-Key is answered as the
// first time, byte for byte, whatever became of the user.
func TestCreate_IdempotencyKey(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkIdempotencyKey(t, newFixture(t, open(t), setup{}))
		})
	}
}

func checkIdempotencyKey(t *testing.T, f *fixture) {
	t.Helper()
	body := `{"username":"first","email":"First@example.com","phone":""}`
	post := func(body string, headers ...string) (int, string) {
		got := f.do(t, "POST", "/api/users/", body, headers...)
		return got.Code, got.Body.String()
	}
	status, first := post(body, "Idempotency-Key", "k1")
	if status != http.StatusCreated {
		t.Fatalf("got %d %s", status, first)
	}
	if got := f.do(t, "PATCH", "/api/users/1/", `{"phone":"1","username":"renamed"}`); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if status, again := post(body, "Idempotency-Key", "k1"); status != http.StatusCreated || again != first {
		t.Errorf("again: got %d %s, want %s", status, again, first)
	}
	long := strings.Repeat("k", 256)
	for _, tt := range []struct {
		body    string
		headers []string
		status  int
		want    string
	}{
		{`{"username":"second","email":"second@example.com"}`, []string{"Idempotency-Key", "k1"},
			422, `{"detail":"This Idempotency-Key was used for another request."}`},
		{`{"username":"renamed","email":"second@example.com"}`, []string{"Idempotency-Key", "k2"},
			400, `{"username":["t user with this username already exists."]}`},
		{`{"username":"second","email":"second@example.com"}`, []string{"Idempotency-Key", ""},
			400, `{"detail":"The header Idempotency-Key takes 1 to 255 visible ASCII characters."}`},
		{`{"username":"second","email":"second@example.com"}`, []string{"Idempotency-Key", long},
			400, `{"detail":"The header Idempotency-Key takes 1 to 255 visible ASCII characters."}`},
		{body, nil, 400, `{"email":["t user with this email already exists."]}`},
	} {
		if status, got := post(tt.body, tt.headers...); status != tt.status || got != tt.want {
			t.Errorf("%s %q: got %d %s, want %d %s", tt.body, tt.headers, status, got, tt.status, tt.want)
		}
	}
	if got := f.do(t, "GET", "/api/users/", "").Body.String(); !strings.HasPrefix(got, `{"count":1,`) {
		t.Errorf("got %s, want one user", got)
	}
}
