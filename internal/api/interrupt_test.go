package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// A request whose storage fails at any step is answered with 503 and changes nothing,
// or it is answered in full.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	const schedule = `{"name":"nightly","task":"chore","interval":{"every":1,"period":"hours"}}`
	prepared := storetest.Prepare(t, func(db *store.Store) {
		f := newWorkFixture(t, db)
		for _, name := range []string{"ann", "bob", "eve"} {
			f.create(t, name)
		}
		for range 3 {
			f.ask(t, 201, "POST /api/tasks/", `{"kind":"chore"}`)
		}
		f.ask(t, 201, "POST /api/schedules/", schedule)
	})
	for _, request := range []string{
		"GET /api/users/", "GET /api/users/?page=2&search=a", "GET /api/users/?is_active=true&ordering=username", "GET /api/users/1/", "GET /api/users/active_count/",
		`POST /api/users/ {"username":"new","email":"new@example.com"}`, `PATCH /api/users/1/ {"phone":"1"}`, "DELETE /api/users/1/",
		"GET /api/tasks/", "GET /api/tasks/?page=2&kind=chore", "GET /api/tasks/?page=last", "GET /api/tasks/1/", "GET /api/tasks/stats/", "GET /api/tasks/workers/",
		"GET /api/schedules/", "GET /api/schedules/1/",
		"POST /api/schedules/ " + strings.Replace(schedule, "nightly", "daily", 1), `PATCH /api/schedules/1/ {"enabled":false}`, "DELETE /api/schedules/1/",
	} {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			method, rest, _ := strings.Cut(request, " ")
			target, body, _ := strings.Cut(rest, " ")
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				got := newWorkFixture(t, db).do(t, method, target, body)
				switch {
				case got.Code == http.StatusServiceUnavailable:
					return "", fault.New(fault.Unavailable, got.Body.String())
				case got.Code >= http.StatusBadRequest:
					return "", fmt.Errorf("%d %s", got.Code, got.Body)
				}
				return fmt.Sprint(got.Code, got.Body), nil
			})
		})
	}
}

// A task with a wrong field is not started, and the answer names the field.
func TestTasks_WrongFields(t *testing.T) {
	t.Parallel()
	f := newWorkFixture(t, storetest.OpenSQLite(t))
	for body, field := range map[string]string{
		`{"kind":3}`: "kind", `{"kind":null}`: "kind", `{"kind":["chore"]}`: "kind", `{}`: "kind", `{"kind":"play"}`: "kind",
		`{"kind":"chore","args":3}`: "args", `{"kind":"chore","args":[1]}`: "args", `{"kind":"chore","args":"x"}`: "args", `{"kind":"chore","args":{"n":-1}}`: "args",
		`{"kind":"chore","queue":[]}`: "queue", `{"kind":"chore","queue":{"a":1}}`: "queue",
	} {
		answer := f.ask(t, 400, "POST /api/tasks/", body)
		if _, named := answer[field]; !named || len(answer) != 1 {
			t.Errorf("%s: got %v, want %s named", body, answer, field)
		}
	}
	wantAt(t, f.ask(t, 200, "GET /api/tasks/", ""), map[string]any{"count": 0})
}

// A page shows what was sent in its form again, unless that is longer than 256 KiB.
func TestPages_LongForms(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{})
	const sent = `{"username":"annabel","email":"none"}`
	for n, want := range map[int]bool{256<<10 - 1: true, 256 << 10: true, 256<<10 + 1: false} {
		got := f.do(t, "POST", "/api/users/", sent+strings.Repeat(" ", n-len(sent)), "Accept", "text/html")
		if shown := strings.Contains(got.Body.String(), "annabel"); got.Code != http.StatusBadRequest || shown != want {
			t.Errorf("%d bytes: got %d, and the form shows them: %t", n, got.Code, shown)
		}
	}
}

// A page that does not exist is not found, in each list.
func TestLists_NoSuchPage(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	lists := map[string]*fixture{"tokens": newTokenFixture(t, db, itself)}
	for _, name := range []string{"users", "tasks", "schedules"} {
		lists[name] = newWorkFixture(t, db)
	}
	for name, f := range lists {
		for page, want := range map[string]int{"": 200, "1": 200, "last": 200, "0": 404, "-1": 404, "2": 404, "x": 404, "1.5": 404, "9223372036854775808": 404} {
			answer := f.ask(t, want, "GET /api/"+name+"/?page="+page, "")
			if want == 404 && answer["detail"] != "Invalid page." {
				t.Errorf("%s, page %s: got %v", name, page, answer)
			}
		}
	}
}

// A body that cannot be read is refused as such by each request that takes one, and
// changes nothing.
func TestBodies_Unreadable(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	tokens, f := newTokenFixture(t, db, itself), newWorkFixture(t, db)
	f.create(t, "ann")
	f.ask(t, 201, "POST /api/schedules/", nightly)
	tokens.ask(t, 201, "POST /api/tokens/", `{"name":"mine"}`)
	for request, by := range map[string]*fixture{
		"POST /api/users/": f, "PUT /api/users/1/": f, "PATCH /api/users/1/": f, "POST /api/tasks/": f, "POST /api/schedules/": f, "PUT /api/schedules/1/": f,
		"PATCH /api/schedules/1/": f, "POST /api/schedules/preview/": f, "POST /api/tokens/": tokens, "POST /api/tokens/1/rotate/": tokens,
	} {
		answer := by.ask(t, 400, request, `{"name":`)
		if text, _ := answer["detail"].(string); !strings.HasPrefix(text, "JSON parse error - ") {
			t.Errorf("%s: got %v", request, answer)
		}
		answer = by.ask(t, 415, request, `<name/>`, "Content-Type", "text/xml")
		if answer["detail"] != `Unsupported media type "text/xml" in request.` {
			t.Errorf("%s: got %v", request, answer)
		}
	}
	for list, want := range map[string]int{"users": 1, "tasks": 0, "schedules": 1} {
		wantAt(t, f.ask(t, 200, "GET /api/"+list+"/", ""), map[string]any{"count": want})
	}
	wantAt(t, tokens.ask(t, 200, "GET /api/tokens/", ""), map[string]any{"count": 1})
}
