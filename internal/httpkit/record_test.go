package httpkit_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/httpkit"
)

// Probes are logged at DEBUG unless they fail; other requests at INFO.
func TestStack_Probes(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{"/healthz 200": "DEBUG", "/healthz 503": "INFO", "/api/ 200": "INFO", "/api/ 500": "INFO"} {
		path, status, _ := strings.Cut(request, " ")
		var log bytes.Buffer
		h := wrap(t, newStack(&log), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(map[string]int{"200": 200, "500": 500, "503": 503}[status])
		})
		serve(h, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		if got := strings.Contains(log.String(), "level=DEBUG"); got != (want == "DEBUG") {
			t.Errorf("%s: got %s", request, log.String())
		}
	}
}

// The address and the account are logged where that is asked for, and nowhere else.
func TestStack_LogsClients(t *testing.T) {
	t.Parallel()
	for _, clients := range []bool{false, true} {
		var log bytes.Buffer
		s := newStack(&log)
		s.Clients = clients
		d := httpkit.Door{
			Actor: func(*http.Request) access.Actor {
				return access.NewActor(access.Account{ID: 7, Username: "ann", IsStaff: true})
			},
			Log: slog.New(slog.DiscardHandler), Render: func(http.ResponseWriter, *http.Request, int, error) {},
		}
		rt := httpkit.NewRouter(http.NotFoundHandler())
		d.Register(rt, []httpkit.Route{httpkit.Get("/", access.Public, func(http.ResponseWriter, *http.Request, access.Actor) error { return nil })})
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = "192.0.2.7:1"
		serve(wrap(t, s, rt.ServeHTTP), r)
		for _, personal := range []string{"client=192.0.2.7", "account=ann"} {
			if strings.Contains(log.String(), personal) != clients {
				t.Errorf("asked for %t: got %s", clients, log.String())
			}
		}
	}
}

// The id that a trusted proxy gave to a request is kept, if it can stand in a log.
func TestStack_RequestIDOfProxies(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	h := wrap(t, s, answerOK)
	tests := []struct {
		peer, id string
		kept     bool
	}{
		{"10.0.0.1:9", "7f3d2a10-9c4e-4b52-9d7a-0a1b2c3d4e5f", true},
		{"10.0.0.1:9", strings.Repeat("a", 64), true},
		{"10.0.0.1:9", strings.Repeat("a", 65), false},
		{"10.0.0.1:9", "a b", false},
		{"10.0.0.1:9", "a\nb", false},
		{"10.0.0.1:9", "", false},
		{"192.0.2.1:9", "7f3d2a10", false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = tt.peer
		r.Header["X-Request-Id"] = []string{tt.id}
		if got := serve(h, r).Header().Get("X-Request-Id"); (got == tt.id) != tt.kept || got == "" {
			t.Errorf("%s, %q: got %q", tt.peer, tt.id, got)
		}
	}
}
