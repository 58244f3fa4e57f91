package httpkit_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/httpkit"
)

// newEchoRouter serves each pattern with a handler that answers the pattern
// and what its variables matched.
func newEchoRouter(patterns ...string) *httpkit.Router {
	rt := httpkit.NewRouter(http.NotFoundHandler())
	for _, p := range patterns {
		rt.Handle(p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, p+" id="+r.PathValue("id")+" format="+r.PathValue("format")+" name="+r.PathValue("name"))
		}))
	}
	return rt
}

func TestRouter_Finds(t *testing.T) {
	t.Parallel()
	rt := newEchoRouter("/", "/api/", "/api/.{format.}", "/api/users/", "/api/users.{format.}", "/api/users.{format.}/",
		"/api/users/active_count/", "/api/users/{id}/", "/api/users/{id}.{format.}", "/static/{name...}")
	tests := []struct{ path, want string }{
		{"/", "/ id= format= name="},
		{"/api/", "/api/ id= format= name="},
		{"/api/.json", "/api/.{format.} id= format=json name="},
		{"/api/users/", "/api/users/ id= format= name="},
		{"/api/%75sers/", "/api/users/ id= format= name="},
		{"/api/users.json", "/api/users.{format.} id= format=json name="},
		{"/api/users.json/", "/api/users.{format.}/ id= format=json name="},
		{"/api/users/active_count/", "/api/users/active_count/ id= format= name="},
		{"/api/users/1/", "/api/users/{id}/ id=1 format= name="},
		{"/api/users/1%0A/", "/api/users/{id}/ id=1\n format= name="},
		{"/api/users/%D9%A1/", "/api/users/{id}/ id=\u0661 format= name="},
		{"/api/users/1.json", "/api/users/{id}.{format.} id=1 format=json name="},
		{"/static/css/x.css", "/static/{name...} id= format= name=css/x.css"},
	}
	for _, tt := range tests {
		got := serve(rt, httptest.NewRequest(http.MethodGet, tt.path, http.NoBody))
		if got.Code != http.StatusOK || got.Body.String() != tt.want {
			t.Errorf("GET %s: got %d %q, want %q", tt.path, got.Code, got.Body, tt.want)
		}
	}
}

func TestRouter_NotFound(t *testing.T) {
	t.Parallel()
	rt := newEchoRouter("/api/users/", "/api/users/{id}/", "/api/users/{id}.{format.}")
	for _, path := range []string{"/", "/nope", "/api/users//", "/api/users/1/extra/", "/api/users/1.0/", "/api/users/1.JSON", "/api/users/.json", "/api/users/../users/"} {
		if got := serve(rt, httptest.NewRequest(http.MethodGet, path, http.NoBody)); got.Code != http.StatusNotFound {
			t.Errorf("GET %s: got %d %q, want 404", path, got.Code, got.Body)
		}
	}
}

func TestRouter_RedirectsToSlash(t *testing.T) {
	t.Parallel()
	rt := newEchoRouter("/api/users/", "/api/users/{id}/", "/{id}/")
	tests := []struct{ target, want string }{
		{"/api/users", "/api/users/"},
		{"/api/users?page=2&a=%20+b", "/api/users/?page=2&a=%20+b"},
		{"/api/users/a%20b", "/api/users/a%20b/"},
		{"/api/users/%C3%A9", "/api/users/%C3%A9/"},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE"} {
			got := serve(rt, httptest.NewRequest(method, tt.target, http.NoBody))
			if got.Code != http.StatusMovedPermanently || got.Header().Get("Location") != tt.want || got.Body.Len() != 0 {
				t.Errorf("%s %s: got %d to %q with %q, want 301 to %q", method, tt.target, got.Code, got.Header().Get("Location"), got.Body, tt.want)
			}
			if ct := got.Header().Get("Content-Type"); ct != "text/html; charset=utf-8" {
				t.Errorf("%s %s: got Content-Type %q", method, tt.target, ct)
			}
		}
	}
}

// A redirect to "//evil.example/" would leave the site.
func TestRouter_RedirectStaysOnTheSite(t *testing.T) {
	t.Parallel()
	rt := newEchoRouter("/{name...}/")
	rt.Handle("//{id}/", http.NotFoundHandler())
	r := httptest.NewRequest(http.MethodGet, "/x", http.NoBody)
	r.URL.Path = "//evil"
	if got := serve(rt, r).Header().Get("Location"); got != "/%2Fevil/" {
		t.Errorf("got Location %q, want %q", got, "/%2Fevil/")
	}
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func BenchmarkRouter(b *testing.B) {
	rt := newEchoRouter("/api/users/", "/api/users.{format.}", "/api/users/{id}/")
	rt.Handle("/bare/{id}/", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest(http.MethodGet, "/bare/12345/", http.NoBody)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		rt.ServeHTTP(w, r)
	}
}

// Behind a stack the values are kept with what else is known of the request.
func TestRouter_ValuesBehindAStack(t *testing.T) {
	t.Parallel()
	rt := httpkit.NewRouter(http.NotFoundHandler())
	rt.Handle("/{id}/{name...}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), t, "still more"))
		_, _ = io.WriteString(w, httpkit.PathValue(r, "id")+"|"+httpkit.PathValue(r, "name")+"|"+httpkit.PathValue(r, "none"))
	}))
	derived := func(w http.ResponseWriter, r *http.Request) {
		rt.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), t, "more")))
	}
	for what, h := range map[string]http.Handler{
		"alone":                  rt,
		"behind a stack":         wrap(t, newStack(io.Discard), rt.ServeHTTP),
		"with a derived context": wrap(t, newStack(io.Discard), derived),
	} {
		if got := serve(h, httptest.NewRequest(http.MethodGet, "/7/a/b", http.NoBody)).Body.String(); got != "7|a/b|" {
			t.Errorf("%s: got %q, want %q", what, got, "7|a/b|")
		}
	}
}

func TestRouter_Paths(t *testing.T) {
	t.Parallel()
	want := []string{"/", "/api/users/", "/api/users/{id}/", "/static/{name...}"}
	if got := newEchoRouter("/static/{name...}", "/api/users/{id}/", "/", "/api/users/").Paths(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSetRetryAfter(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"":   fault.New(fault.Throttled, "Later."),
		"1":  &fault.Error{Kind: fault.Throttled, RetryAfter: time.Millisecond},
		"60": fmt.Errorf("login: %w", &fault.Error{Kind: fault.Throttled, RetryAfter: time.Minute}),
	} {
		h := http.Header{}
		httpkit.SetRetryAfter(h, err)
		if got := h.Get("Retry-After"); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
