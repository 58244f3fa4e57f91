package cli_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A URL without a path checks readiness.
func TestHealthcheck_WithoutPath(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 3)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	for given, want := range map[string]string{"": "/readyz", "/": "/readyz", "/healthz": "/healthz"} {
		if status, out, errs := run(t, nil, "healthcheck", server.URL+given); status != 0 || out != "ok\n" {
			t.Errorf("%q: got %d %s %s", given, status, out, errs)
		}
		if got := <-asked; got != want {
			t.Errorf("%q: asked %s, want %s", given, got, want)
		}
	}
}
