package httpkit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// newDoor returns a router with one page, /page/, that actor asks for, and one
// path, /any/, that has every method. Errors are answered as text.
func newDoor(log *bytes.Buffer, actor access.Actor, admitted bool) http.Handler {
	rt := httpkit.NewRouter(http.NotFoundHandler())
	say := func(text string) httpkit.Handler {
		return func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			_, err := fmt.Fprint(w, r.Method, " ", text)
			return err
		}
	}
	fail := func(http.ResponseWriter, *http.Request, access.Actor) error { return errors.New("a secret") }
	canceled := func(_ http.ResponseWriter, r *http.Request, _ access.Actor) error { return r.Context().Err() }
	httpkit.Door{
		Actor: func(*http.Request) access.Actor { return actor },
		Log:   slog.New(slog.NewTextHandler(log, nil)),
		Render: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
			http.Error(w, err.Error(), status)
		},
		Admit: func(w http.ResponseWriter, _ *http.Request, _ access.Actor, _ *httpkit.Route) bool {
			if !admitted {
				w.WriteHeader(http.StatusTeapot)
			}
			return admitted
		},
	}.Register(rt, []httpkit.Route{
		httpkit.Post("/page/", access.AddUser, say("posted")),
		httpkit.Get("/any/", access.Public, say("shown")),
		httpkit.Get("/page/", access.ViewUser, say("shown")),
		httpkit.Get("/fails/", access.Public, fail),
		httpkit.Get("/canceled/", access.Public, canceled),
		{Path: "/any/", Permission: access.ViewUser, Handle: httpkit.RefuseMethod},
	})
	return rt
}

func TestDoor_Dispatches(t *testing.T) {
	t.Parallel()
	viewer := access.NewActor(access.Account{ID: 1, Permissions: []access.Permission{access.ViewUser}})
	for _, tt := range []struct {
		name, method, path string
		actor              access.Actor
		refused            bool
		want               int
		body, allow        string
	}{
		{"GET", "GET", "/page/", viewer, false, 200, "GET shown", ""},
		{"HEAD is served as GET", "HEAD", "/page/", viewer, false, 200, "HEAD shown", ""},
		{"without the permission of the method", "POST", "/page/", viewer, false, 403, "You do not have permission to perform this action.\n", ""},
		{"without any permission", "GET", "/page/", access.Actor{}, false, 403, "Authentication credentials were not provided.\n", ""},
		{"a method that is missing, before the permission", "PUT", "/page/", access.Actor{}, false, 405, "Method \"PUT\" not allowed.\n", "POST, GET, HEAD"},
		{"not admitted, before the permission", "GET", "/page/", access.Actor{}, true, 418, "", ""},
		{"the route of all other methods", "PUT", "/any/", viewer, false, 405, "Method \"PUT\" not allowed.\n", ""},
		{"its permission", "PUT", "/any/", access.Actor{}, false, 403, "Authentication credentials were not provided.\n", ""},
	} {
		w := httptest.NewRecorder()
		newDoor(&bytes.Buffer{}, tt.actor, !tt.refused).ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, http.NoBody))
		if w.Code != tt.want || w.Body.String() != tt.body || w.Header().Get("Allow") != tt.allow {
			t.Errorf("%s: got %d %q, Allow %q; want %d %q, Allow %q", tt.name, w.Code, w.Body, w.Header().Get("Allow"), tt.want, tt.body, tt.allow)
		}
	}
}

// Failures are logged, requests of clients that went away are not.
func TestDoor_Logs(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for path, want := range map[string]int{"/fails/": 500, "/canceled/": 503} {
		var log bytes.Buffer
		w := httptest.NewRecorder()
		newDoor(&log, access.Actor{}, true).ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, path, http.NoBody))
		if logged := strings.Contains(log.String(), "a secret"); w.Code != want || logged != (want == 500) {
			t.Errorf("%s: got %d, log %q", path, w.Code, log.String())
		}
	}
}

// A status follows from the kind of an error, wherever it is wrapped.
func TestStatusOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want int
	}{
		{errors.New("plain"), 500},
		{fmt.Errorf("wrapped: %w", fault.New(fault.NotFound, "Not found.")), 404},
		{fmt.Errorf("wrapped: %w", &httpkit.StatusError{Status: 406, Message: "No."}), 406},
	} {
		if got := httpkit.StatusOf(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
}
