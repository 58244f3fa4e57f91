package api_test

import (
	"net/http"
	"regexp"
	"testing"

	"roster/internal/access"
	"roster/internal/store/storetest"
)

// TestTrash shows on every engine, in the same words, what was deleted and how it comes
// back.
func TestTrash(t *testing.T) {
	t.Parallel()
	p := newPair(t, 1)
	for _, step := range []struct {
		method, target, body string
		want                 int
	}{
		{"POST", "/api/users/", `{"username": "ada", "email": "ada@example.com", "phone": "1"}`, http.StatusCreated},
		{"POST", "/api/users/", `{"username": "bob", "email": "bob@example.com"}`, http.StatusCreated},
		{"DELETE", "/api/users/1/", "", http.StatusNoContent},
		{"DELETE", "/api/users/2/", "", http.StatusNoContent},
		{"GET", "/api/trash/", "", http.StatusOK},
		{"GET", "/api/trash/?search=ADA", "", http.StatusOK},
		{"GET", "/api/trash/?page=2", "", http.StatusNotFound},
		{"GET", "/api/users/1/", "", http.StatusNotFound},
		{"POST", "/api/trash/1/restore/", "", http.StatusOK},
		{"POST", "/api/trash/1/restore/", "", http.StatusNotFound},
		{"GET", "/api/users/1/", "", http.StatusOK},
		{"POST", "/api/users/", `{"username": "bob", "email": "rob@example.com"}`, http.StatusCreated},
		{"POST", "/api/trash/2/restore/", "{}", http.StatusBadRequest},
		{"POST", "/api/trash/2/restore/", `{"username": "x"}`, http.StatusBadRequest},
		{"POST", "/api/trash/2/restore/", `{"username": "bob2", "phone": "is not changed"}`, http.StatusOK},
		{"GET", "/api/trash/", "", http.StatusOK},
		{"OPTIONS", "/api/trash/", "", http.StatusOK},
		{"DELETE", "/api/trash/", "", http.StatusMethodNotAllowed},
	} {
		if got := p.alike(t, step.method, step.target, step.body, "Content-Type", "application/json"); got != step.want {
			t.Errorf("%s %s: got %d, want %d", step.method, step.target, got, step.want)
		}
	}
}

// TestTrash_Answers shows the rows of the list, and the error of a taken name.
func TestTrash_Answers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{actor: access.System("test").From(access.Origin{Door: access.API})})
	for _, step := range []struct{ method, target, body, want string }{
		{"POST", "/api/users/", `{"username": "ada", "email": "ada@example.com", "first_name": "Ada"}`, `"id":1`},
		{"DELETE", "/api/users/1/", "", `^$`},
		{"GET", "/api/trash/", "", `^{"count":1,"next":null,"previous":null,"results":\[{"id":1,"username":"ada","email":"ada@example.com","first_name":"Ada",` +
			`"last_name":"","deleted_at":"20[^"]*Z","deleted_by":"system:test","door":"api","reason":""}\]}$`},
		{"POST", "/api/users/", `{"username": "ada", "email": "other@example.com"}`, `"id":2`},
		{"POST", "/api/trash/1/restore/", "", `^{"username":\["t user with this username already exists."\]}$`},
		{"POST", "/api/trash/1/restore/", `{"username": "ada1"}`, `^{"id":1,"username":"ada1","email":"ada@example.com","first_name":"Ada"`},
	} {
		_, w := f.send(step.method, step.target, step.body, "Content-Type", "application/json")
		if !regexp.MustCompile(step.want).MatchString(w.Body.String()) {
			t.Errorf("%s %s: got %d %s, want %s", step.method, step.target, w.Code, w.Body, step.want)
		}
	}
}
