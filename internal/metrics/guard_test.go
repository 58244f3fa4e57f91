package metrics_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"roster/internal/metrics"
)

const token = "0123456789abcdef"

// asked is a scrape.
type asked struct{ client, host, header, value string }

func (a asked) answer(g metrics.Guard) int {
	g.Client = func(*http.Request) string { return a.client }
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	r.Host = a.host
	if a.header != "" {
		r.Header.Set(a.header, a.value)
	}
	w := httptest.NewRecorder()
	g.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "figures") })).ServeHTTP(w, r)
	return w.Code
}

func TestGuard(t *testing.T) {
	t.Parallel()
	nothing := metrics.Guard{}
	network := metrics.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	secret := metrics.Guard{Token: token}
	both := metrics.Guard{Allow: network.Allow, Token: token}
	for _, c := range []struct {
		guard metrics.Guard
		asked asked
		want  int
	}{
		{nothing, asked{"127.0.0.1", "127.0.0.1:8000", "", ""}, 200},
		{nothing, asked{"127.0.0.1", "localhost", "", ""}, 200},
		{nothing, asked{"::1", "[::1]:8000", "", ""}, 200},
		{nothing, asked{"::ffff:127.0.0.1", "127.0.0.1", "", ""}, 200},
		{nothing, asked{"127.0.0.1", "rebound.example:8000", "", ""}, 403},
		{nothing, asked{"127.0.0.1", "127.0.0.1:8000", "X-Forwarded-For", "127.0.0.1"}, 403},
		{nothing, asked{"127.0.0.1", "127.0.0.1:8000", "Forwarded", "for=10.0.0.1"}, 403},
		{nothing, asked{"192.0.2.1", "127.0.0.1:8000", "", ""}, 403},
		{nothing, asked{"", "127.0.0.1:8000", "", ""}, 403},
		{network, asked{"10.1.2.3", "app:8000", "", ""}, 200},
		{network, asked{"127.0.0.1", "localhost", "", ""}, 403},
		{secret, asked{"192.0.2.1", "app", "Authorization", "Bearer " + token}, 200},
		{secret, asked{"192.0.2.1", "app", "Authorization", "bearer " + token}, 200},
		{secret, asked{"192.0.2.1", "app", "Authorization", "Basic " + token}, 401},
		{secret, asked{"192.0.2.1", "app", "Authorization", "Bearer " + token + "0"}, 401},
		{secret, asked{"127.0.0.1", "localhost", "", ""}, 401},
		{both, asked{"10.1.2.3", "app", "Authorization", "Bearer " + token}, 200},
		{both, asked{"10.1.2.3", "app", "", ""}, 401},
		{both, asked{"192.0.2.1", "app", "Authorization", "Bearer " + token}, 403},
	} {
		if got := c.asked.answer(c.guard); got != c.want {
			t.Errorf("%v with %v, token %t: got %d, want %d", c.asked, c.guard.Allow, c.guard.Token != "", got, c.want)
		}
	}
}

func TestGuard_Methods(t *testing.T) {
	t.Parallel()
	g := metrics.Guard{Client: func(*http.Request) string { return "127.0.0.1" }}
	w := httptest.NewRecorder()
	g.Protect(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/metrics", http.NoBody))
	if got := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || got != "GET, HEAD" {
		t.Errorf("got %d, Allow %q", w.Code, got)
	}
}
