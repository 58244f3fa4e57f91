package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/api"
	"roster/internal/store/storetest"
)

// Anonymous callers can only use the index, and log in, unless the policy is AllowAny. This
// covers every route of the table, HEAD, OPTIONS and missing methods.
func TestAccess_Anonymous(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			for _, policy := range []access.Policy{access.IsAuthenticated, access.DjangoModelPermissions} {
				checkAnonymous(t, newFixture(t, db, setup{policy: policy}), policy)
			}
		})
	}
}

func checkAnonymous(t *testing.T, f *fixture, policy access.Policy) {
	t.Helper()
	lines := api.Routes()
	lines = append(lines, [2]string{"OPTIONS", "/api/users/"}, [2]string{"HEAD", "/api/users/{id}/"},
		[2]string{"PURGE", "/api/users/"}, [2]string{"PUT", "/api/users/active_count/"})
	for _, line := range lines {
		method, path := line[0], strings.ReplaceAll(line[1], "{id}", "1")
		want := http.StatusForbidden
		switch {
		case path == "/api/":
			want = http.StatusOK
		case strings.HasPrefix(path, "/api/token/"):
			want = http.StatusBadRequest // where one logs in; the body is missing
		}
		got := f.do(t, method, path, "")
		if got.Code != want {
			t.Errorf("%s: %s %s: got %d %s, want %d", policy, method, path, got.Code, got.Body, want)
		}
		if refused := `{"detail":"Authentication credentials were not provided."}`; want == http.StatusForbidden && method != http.MethodHead && got.Body.String() != refused {
			t.Errorf("%s: %s %s: got %s, want %s", policy, method, path, got.Body, refused)
		}
	}
}

// What somebody may read is kept; it must not be shown to somebody who may not.
func TestAccess_KeptPagesAreNotForEverybody(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			all := newFixture(t, db, setup{})
			all.create(t, "somebody")
			all.do(t, "GET", "/api/users/", "")
			closed := newFixture(t, db, setup{policy: access.IsAuthenticated})
			if got := closed.do(t, "GET", "/api/users/", ""); got.Code != http.StatusForbidden {
				t.Errorf("got %d %s, want 403", got.Code, got.Body)
			}
			if got := closed.do(t, "GET", "/api/users/", "", "Accept", "text/html"); strings.Contains(got.Body.String(), "somebody") {
				t.Error("the page for people shows a user")
			}
		})
	}
}

// Negotiation comes before permission, permission before the method, the
// method before the row, the row before the body.
func TestAccess_OrderOfChecks(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			closed, all := newFixture(t, db, setup{policy: access.IsAuthenticated}), newFixture(t, db, setup{})
			tests := []struct {
				f                          *fixture
				method, path, body, accept string
				want                       int
			}{
				{closed, "PURGE", "/api/users/", "", "image/png", http.StatusNotAcceptable},
				{closed, "PURGE", "/api/users/", "", "*/*", http.StatusForbidden},
				{all, "PURGE", "/api/users/9/", "{", "*/*", http.StatusMethodNotAllowed},
				{all, "PUT", "/api/users/9/", "{", "*/*", http.StatusNotFound},
				{all, "POST", "/api/users/", "{", "*/*", http.StatusBadRequest},
			}
			for _, tt := range tests {
				if got := tt.f.do(t, tt.method, tt.path, tt.body, "Accept", tt.accept); got.Code != tt.want {
					t.Errorf("%s %s: got %d %s, want %d", tt.method, tt.path, got.Code, got.Body, tt.want)
				}
			}
		})
	}
}

// unread is a body that fails the test when somebody reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// A request without permission is refused before the body is read, also on a page.
func TestAccess_RefusedBeforeTheBody(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{policy: access.DjangoModelPermissions})
			for _, accept := range []string{"application/json", "text/html"} {
				r := httptest.NewRequest(http.MethodPost, "/api/users/", unread{t})
				r.ContentLength = 9
				r.Header.Set("Accept", accept)
				w := httptest.NewRecorder()
				f.handler.ServeHTTP(w, r)
				if w.Code != http.StatusForbidden {
					t.Errorf("Accept %s: got %d, want 403", accept, w.Code)
				}
			}
		})
	}
}
