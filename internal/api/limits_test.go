package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/api"
	"roster/internal/store/storetest"
)

// A body has at most 8 MiB where it describes a user, and 1 MiB elsewhere.
func TestBodies_Limits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{actor: access.System("test")})
	for path, most := range map[string]int{"/api/users/": 8 << 20, "/api/schedules/": 1 << 20} {
		for _, n := range []int{most - 1, most, most + 1} {
			got := f.do(t, "POST", path, `{"name":1}`+strings.Repeat(" ", n-len(`{"name":1}`)))
			if want := n > most; want != (got.Code == http.StatusRequestEntityTooLarge) || !want && got.Code != http.StatusBadRequest {
				t.Errorf("%s with %d bytes: got %d %s", path, n, got.Code, got.Body)
			}
		}
	}
}

// The index lists what the actor may use, each by its own rule.
func TestIndex_FollowsPermissions(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	const users = `{"users":"http://example.com/api/users/"`
	const work = `,"tasks":"http://example.com/api/tasks/","schedules":"http://example.com/api/schedules/"`
	const tokens = `,"tokens":"http://example.com/api/tokens/"`
	for want, actor := range map[string]access.Actor{
		users + "}":                 {},
		users + tokens + "}":        access.NewActor(access.Account{ID: 1, IsStaff: true}),
		users + work + "}":          access.System("test"),
		users + work + tokens + "}": access.NewActor(access.Account{ID: 1, IsStaff: true, Permissions: []access.Permission{access.Schedules.View()}}),
	} {
		f := newFixture(t, db, setup{policy: access.DjangoModelPermissions, actor: actor})
		if got := f.do(t, "GET", "/api/", "").Body.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The old token of a rotation is valid for at most 168 hours.
func TestRotate_Limits(t *testing.T) {
	t.Parallel()
	f := newTokenFixture(t, storetest.OpenSQLite(t), itself)
	f.ask(t, 201, "POST /api/tokens/", `{"name": "nightly"}`)
	for overlap, want := range map[string]int{`-1`: 400, `0`: 201, `1`: 201, `167`: 201, `168`: 201, `169`: 400, `1e300`: 400, `"x"`: 400} {
		f.ask(t, want, "POST /api/tokens/1/rotate/", `{"overlap_hours": `+overlap+`}`)
	}
	f.ask(t, 400, "POST /api/tokens/1/rotate/", `{"overlap_hours"`)
}

// A compressed list is JSON like a plain one.
func TestList_CompressedType(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{})
	for n := range 10 {
		f.create(t, fmt.Sprint("somebody", n))
	}
	for _, coding := range []string{"identity", "gzip"} {
		_, got := f.send("GET", "/api/users/", "", "Accept-Encoding", coding)
		if h := got.Header(); h.Get("Content-Type") != "application/json" || (h.Get("Content-Encoding") == "gzip") != (coding == "gzip") ||
			h.Get("Content-Length") != strconv.Itoa(got.Body.Len()) {
			t.Errorf("%s: got %v", coding, h)
		}
	}
}

// Who asks for JSON is known by the path and by the header Accept.
func TestAsksJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, accept string
		want         bool
	}{
		{"/api/none/", "", true},
		{"/api/none/", "*/*", true},
		{"/api/none/", "text/html", false},
		{"/api/none/", "image/png", true},
		{"/none/", "", false},
		{"/none/", "*/*", false},
		{"/none/", "text/html", false},
		{"/none/", "application/json", true},
		{"/none/", "text/html,application/json", true},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, http.NoBody)
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		if got := api.AsksJSON(r); got != c.want {
			t.Errorf("%s, %q: got %v", c.path, c.accept, got)
		}
	}
}
