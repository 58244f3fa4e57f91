package server_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/server"
)

// The users page offers what its visitor may do, also where the API is open, and
// shows who that is.
func TestUsersPage_ControlsFollowPermissions(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, "API_PERMISSION=AllowAny")
	csrf := s.csrf(t)
	if w := s.ask(csrf, none, http.MethodGet, "/users/"); !strings.Contains(w.Body.String(), `id="new-user"`) {
		t.Fatalf("an anonymous visitor may not add users: %s", w.Body)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/users/", strings.NewReader(`{"username":"eve","email":"eve@example.com"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusCreated {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	token := s.logIn(t)
	for _, tt := range []struct {
		holds access.Permission
		want  []string
	}{
		{"", nil},
		{access.ViewUser, nil},
		{access.AddUser, []string{`id="new-user"`}},
		{access.ChangeUser, []string{`role="switch" id="switch-1"`, "data-edit", `data-may-change="true"`, "col-actions"}},
		{access.DeleteUser, []string{`data-delete`, "col-actions"}},
	} {
		held := []access.Permission{}
		if tt.holds != "" {
			held = append(held, tt.holds)
		}
		s.change(t, auth.AccountChange{Permissions: &held})
		page := s.ask(csrf, cookie(token), http.MethodGet, "/users/").Body.String()
		if !strings.Contains(page, "eve@example.com") || !strings.Contains(page, "Logged in as <strong>ann</strong>") {
			t.Errorf("with %q: got %s, want the list and the account", tt.holds, page)
		}
		for _, control := range []string{`id="new-user"`, `role="switch" id="switch-1"`, "data-edit", `data-may-change="true"`, "data-delete", "col-actions"} {
			want := strings.Contains(strings.Join(tt.want, " "), control)
			if got := strings.Contains(page, control); got != want {
				t.Errorf("with %q: has %s: %t, want %t", tt.holds, control, got, want)
			}
		}
	}
}

// A page that needs a login links to it, and the login returns to the page.
func TestPages_LoginReturns(t *testing.T) {
	t.Parallel()
	h := server.Serve(t, "127.0.0.1:8000", "API_PERMISSION=DjangoModelPermissions", "LOG_DIR=", "LOG_LEVEL=CRITICAL",
		"DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"))
	for path, want := range map[string]string{
		"/users/?search=a&page=2": `<a class="button button-primary" href="/admin/login/?next=%2Fusers%2F%3Fsearch%3Da%26page%3D2">Log in</a>`,
		"/":                       `<a class="button account" href="/admin/login/?next=%2F">Log in</a>`,
		"/api/":                   `href="/admin/login/?next=%2Fapi%2F">Log in</a>`,
		"/api/users/":             `href="/admin/login/?next=%2Fapi%2Fusers%2F">Log in</a>`,
		"/nowhere/":               `<a class="button account" href="/admin/login/">Log in</a>`,
	} {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/admin/login/?next=/users/", http.NoBody)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); strings.Contains(w.Body.String(), ">Log in</a>") || !strings.Contains(w.Body.String(), `name="next" value="/users/"`) {
		t.Errorf("the login: got %s, want no link to itself", w.Body)
	}
}
