package httpkit_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"roster/internal/httpkit"
	"roster/internal/metrics"
)

// newStack returns a stack that logs to the buffer, and answers failures with
// their status alone.
func newStack(log io.Writer) httpkit.Stack {
	return httpkit.Stack{
		Log:     slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Hosts:   httpkit.Hosts{"*"},
		MaxBody: 1 << 20,
		Failed:  func(w http.ResponseWriter, _ *http.Request, status int) { w.WriteHeader(status) },
		Exempt:  []string{"/healthz"},
	}
}

func wrap(t *testing.T, s httpkit.Stack, h http.HandlerFunc) http.Handler {
	t.Helper()
	wrapped, err := s.Wrap(h)
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func answerOK(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

func TestStack_LogsOneLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := wrap(t, newStack(&log), answerOK)
	got := serve(h, httptest.NewRequest(http.MethodGet, "/api/users/?search=secret@example.com", http.NoBody))
	if id := got.Header().Get("X-Request-Id"); len(id) != 16 {
		t.Errorf("got request id %q, want 16 digits", id)
	}
	line := log.String()
	for _, want := range []string{"method=GET", "path=/api/users/", "status=200", "size=5", "ms="} {
		if !strings.Contains(line, want) {
			t.Errorf("the line %q lacks %s", line, want)
		}
	}
	if strings.Count(line, "\n") != 1 || strings.Contains(line, "secret") {
		t.Errorf("got log %q, want one line without the query", line)
	}
}

func TestStack_RequestIDReachesTheHandler(t *testing.T) {
	t.Parallel()
	var inside string
	h := wrap(t, newStack(io.Discard), func(_ http.ResponseWriter, r *http.Request) { inside = httpkit.RequestID(r.Context()) })
	first := serve(h, httptest.NewRequest(http.MethodGet, "/", http.NoBody)).Header().Get("X-Request-Id")
	if inside != first {
		t.Errorf("inside %q, outside %q", inside, first)
	}
	if second := serve(h, httptest.NewRequest(http.MethodGet, "/", http.NoBody)).Header().Get("X-Request-Id"); second == first {
		t.Errorf("two requests have the id %q", first)
	}
	if got := httpkit.RequestID(context.Background()); got != "" {
		t.Errorf("outside of a request: got %q", got)
	}
}

func TestStack_PanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := wrap(t, newStack(&log), func(http.ResponseWriter, *http.Request) { panic("secret detail") })
	got := serve(h, httptest.NewRequest(http.MethodGet, "/x", http.NoBody))
	if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "secret") {
		t.Errorf("got %d %q, want a bare 500", got.Code, got.Body)
	}
	if !strings.Contains(log.String(), "secret detail") || !strings.Contains(log.String(), "stack=") {
		t.Errorf("the log %q lacks the cause or the stack", log.String())
	}
}

// Half an answer must not look whole: the connection is cut.
func TestStack_PanicAfterTheAnswerBegan(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(wrap(t, newStack(io.Discard), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		panic("late")
	}))
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
	}
	if err == nil {
		t.Error("the answer looks whole, want an error")
	}
}

func TestStack_Hosts(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Hosts = httpkit.Hosts{"users.example.com"}
	h := wrap(t, s, answerOK)
	tests := []struct {
		host, path string
		want       int
	}{
		{"users.example.com", "/", http.StatusOK},
		{"evil.example", "/", http.StatusBadRequest},
		{"10.0.0.7:8000", "/healthz", http.StatusOK},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, tt.path, http.NoBody)
		r.Host = tt.host
		if got := serve(h, r).Code; got != tt.want {
			t.Errorf("Host %s, path %s: got %d, want %d", tt.host, tt.path, got, tt.want)
		}
	}
}

func TestStack_ForwardedHeadersOfProxiesOnly(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	var got httpkit.Request
	h := wrap(t, s, func(_ http.ResponseWriter, r *http.Request) { got = *httpkit.RequestOf(r) })
	tests := []struct {
		peer, proto, host    string
		wantScheme, wantHost string
	}{
		{"10.1.2.3:99", "https", "users.example.com", "https", "users.example.com"},
		{"10.1.2.3:99", "http, https", "evil.example, users.example.com", "https", "users.example.com"},
		{"10.1.2.3:99", "HTTPS", "", "https", "peer.test"},
		{"10.1.2.3:99", "gopher", "", "http", "peer.test"},
		{"10.1.2.3:99", "http", "", "http", "peer.test"},
		{"192.0.2.1:99", "https", "evil.example", "http", "peer.test"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Host, r.RemoteAddr = "peer.test", tt.peer
		r.Header.Set("X-Forwarded-Proto", tt.proto)
		r.Header.Set("X-Forwarded-Host", tt.host)
		w := serve(h, r)
		if got.Scheme != tt.wantScheme || got.Host != tt.wantHost {
			t.Errorf("from %s: got %s://%s, want %s://%s", tt.peer, got.Scheme, got.Host, tt.wantScheme, tt.wantHost)
		}
		if hsts := w.Header().Get("Strict-Transport-Security") != ""; hsts != (tt.wantScheme == "https") {
			t.Errorf("from %s: Strict-Transport-Security set: %v", tt.peer, hsts)
		}
	}
}

// Some proxies add a line of their own behind what the client sent.
func TestStack_ForwardedHeadersOnSeveralLines(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	var got httpkit.Request
	h := wrap(t, s, func(_ http.ResponseWriter, r *http.Request) { got = *httpkit.RequestOf(r) })
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.RemoteAddr = "10.1.2.3:99"
	r.Header["X-Forwarded-Proto"] = []string{"http", "https"}
	r.Header["X-Forwarded-Host"] = []string{"evil.example", "users.example.com"}
	serve(h, r)
	if got.Scheme != "https" || got.Host != "users.example.com" {
		t.Errorf("got %s://%s, want https://users.example.com", got.Scheme, got.Host)
	}
}

// The client is the nearest address that no trusted proxy has: whatever a
// client writes into the header itself stands further away.
func TestStack_Client(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	var got string
	h := wrap(t, s, func(_ http.ResponseWriter, r *http.Request) { got = httpkit.RequestOf(r).Client })
	for _, tt := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:99", nil, "192.0.2.1"},
		{"192.0.2.1:99", []string{"198.51.100.7"}, "192.0.2.1"},
		{"[::ffff:192.0.2.1]:99", nil, "192.0.2.1"},
		{"[fe80::1%eth0]:99", nil, "fe80::1"},
		{"nothing", nil, "nothing"},
		{"10.0.0.1:99", nil, "10.0.0.1"},
		{"10.0.0.1:99", []string{"198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"10.0.0.1:99", []string{"10.0.0.9, forged, 10.0.0.2"}, "10.0.0.2"},
		{"10.0.0.1:99", []string{""}, "10.0.0.1"},
		{"[2001:db8::1]:99", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"198.51.100.7:5555"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"203.0.113.9:1, 198.51.100.7:5555 , 10.0.0.2:80"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		{"10.0.0.1:99", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"10.0.0.1:99", []string{`"[2001:db8::7]:443"`}, "2001:db8::7"},
		{"10.0.0.1:99", []string{"[2001:db8::7%eth0]:443"}, "2001:db8::7"},
		{"10.0.0.1:99", []string{"[::ffff:198.51.100.7]:443"}, "198.51.100.7"},
		{"10.0.0.1:99", []string{"198.51.100.7:"}, "10.0.0.1"},
		{"10.0.0.1:99", []string{"198.51.100.7:65536"}, "10.0.0.1"},
		{"10.0.0.1:99", []string{"[198.51.100.7]"}, "10.0.0.1"},
		{"10.0.0.1:99", []string{"[2001:db8::7"}, "10.0.0.1"},
		{"10.0.0.1:99", []string{"unknown"}, "10.0.0.1"},
		{"10.0.0.1:99", []string{`"`}, "10.0.0.1"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = tt.peer
		r.Header["X-Forwarded-For"] = tt.forwarded
		serve(h, r)
		if got != tt.want {
			t.Errorf("%s, forwarded for %q: got %s, want %s", tt.peer, tt.forwarded, got, tt.want)
		}
	}
}

// CONNECT is for proxies: no target of it is served, redirected or looked for.
func TestStack_Connect(t *testing.T) {
	t.Parallel()
	h := wrap(t, newStack(io.Discard), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, target := range []string{"users.example.com:443", "/", "/api/users", "/healthz"} {
		r := httptest.NewRequest(http.MethodConnect, target, http.NoBody)
		if got := serve(h, r); got.Code != http.StatusMethodNotAllowed || !strings.HasPrefix(got.Header().Get("Allow"), "GET, HEAD") {
			t.Errorf("CONNECT %s: got %d, Allow %q, want 405", target, got.Code, got.Header().Get("Allow"))
		}
	}
}

func TestStack_SecurityHeaders(t *testing.T) {
	t.Parallel()
	got := serve(wrap(t, newStack(io.Discard), answerOK), httptest.NewRequest(http.MethodGet, "/", http.NoBody)).Header()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
		}
	}
	if policy := got.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("got policy %q", policy)
	}
	if got.Get("Server") != "" || got.Get("X-Powered-By") != "" {
		t.Error("the answer names its server")
	}
}

func TestSecureDocument(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	httpkit.SecureDocument(h)
	for name, want := range map[string]string{
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "strict-origin-when-cross-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Permissions-Policy":           "geolocation=(), camera=(), microphone=()",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if policy := h.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("got policy %q", policy)
	}
}

// Where the address of a page begins with http, a script that reads from its own
// name says neither Origin nor Sec-Fetch-Site.
func TestStack_LocalRefusesBrowsersOverHTTP(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Local = true
	h := wrap(t, s, answerOK)
	tests := []struct {
		host     string
		language []string // nil: the header is not sent
		encoding string
		want     int
	}{
		{"evil.example:8000", []string{"en-US,en;q=0.9"}, "gzip, deflate", http.StatusBadRequest},
		{"evil.example:8000", []string{""}, "gzip, deflate", http.StatusBadRequest}, // a script can empty it
		{"localhost:8000", []string{"en-US,en;q=0.9"}, "gzip, deflate", http.StatusOK},
		{"users.test", nil, "gzip, deflate", http.StatusOK}, // libraries
		{"users.test", []string{"fr"}, "", http.StatusOK},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "/api/users/", http.NoBody)
		r.Host = tt.host
		if tt.language != nil {
			r.Header["Accept-Language"] = tt.language
		}
		if tt.encoding != "" {
			r.Header.Set("Accept-Encoding", tt.encoding)
		}
		if got := serve(h, r).Code; got != tt.want {
			t.Errorf("Host %s, Accept-Language %q, Accept-Encoding %q: got %d, want %d", tt.host, tt.language, tt.encoding, got, tt.want)
		}
	}
}

// While only this machine can connect any Host will do, but for requests that
// a page sends: its name may have been made to point here.
func TestStack_LocalRefusesPagesOfOtherNames(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Local = true
	h := wrap(t, s, answerOK)
	tests := []struct {
		host, header, value string
		want                int
	}{
		{"users.test", "Accept", "*/*", http.StatusOK},
		{"evil.example:8000", "Origin", "http://evil.example:8000", http.StatusBadRequest},
		{"evil.example:8000", "Sec-Fetch-Site", "same-origin", http.StatusBadRequest},
		{"users.test", "Sec-Fetch-Site", "none", http.StatusOK}, // typed, or a bookmark
		{"localhost:8000", "Sec-Fetch-Site", "same-origin", http.StatusOK},
		{"app.localhost:8000", "Origin", "http://app.localhost:8000", http.StatusOK},
		{"127.0.0.1:8000", "Origin", "http://127.0.0.1:8000", http.StatusOK},
		{"[::1]:8000", "Origin", "http://[::1]:8000", http.StatusOK},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
		r.Host = tt.host
		r.Header.Set(tt.header, tt.value)
		if got := serve(h, r).Code; got != tt.want {
			t.Errorf("Host %s, %s %s: got %d, want %d", tt.host, tt.header, tt.value, got, tt.want)
		}
	}
}

// Behind a proxy the origin of a page is compared with the host that the
// browser sees.
func TestStack_OriginBehindAProxy(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	r := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	r.Host, r.RemoteAddr = "backend:8000", "10.0.0.1:9"
	r.Header.Set("X-Forwarded-Host", "users.example.com")
	r.Header.Set("Origin", "http://users.example.com")
	if got := serve(wrap(t, s, answerOK), r).Code; got != http.StatusOK {
		t.Errorf("got %d, want 200", got)
	}
}

func TestStack_LongPathsAreCutInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	serve(wrap(t, newStack(&log), answerOK), httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("%00", 9000), http.NoBody))
	if log.Len() > 4096 {
		t.Errorf("got a line of %d bytes", log.Len())
	}
}

// Old probes speak HTTP/1.0 and send no Host.
func TestStack_NoHost(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(wrap(t, newStack(io.Discard), answerOK))
	defer server.Close()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 200 ") {
		t.Errorf("got %.100q, %v, want 200", answer, err)
	}
}

// Requests are counted by the pattern of their route, never by their path.
func TestStack_CountsByRoute(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	figures := metrics.New("", s.Log)
	s.Metrics = figures.HTTP
	router := httpkit.NewRouter(http.NotFoundHandler())
	router.Handle("/users/{id}/", http.HandlerFunc(answerOK))
	router.Handle("/panic/", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("odd") }))
	h := wrap(t, s, router.ServeHTTP)
	for _, path := range []string{"/users/1/", "/users/2/", "/users/2", "/nowhere/1/", "/nowhere/2/", "/panic/"} {
		serve(h, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	}
	text := serve(figures.Handler(), httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)).Body.String()
	for _, want := range []string{
		`roster_http_requests_total{method="GET",route="/users/{id}/",status="200"} 2`,
		`roster_http_requests_total{method="GET",route="/users/{id}/",status="301"} 1`,
		`roster_http_requests_total{method="GET",route="none",status="404"} 2`,
		`roster_http_requests_total{method="GET",route="/panic/",status="500"} 1`,
		"roster_http_requests_in_flight 0",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("got no %s", want)
		}
	}
}

// BenchmarkStack is a request to a route with a variable through everything but
// the network and the log.
func BenchmarkStack(b *testing.B) {
	s := newStack(io.Discard)
	s.Log = slog.New(slog.DiscardHandler)
	s.Metrics = metrics.New("", s.Log).HTTP
	router := httpkit.NewRouter(http.NotFoundHandler())
	router.Handle("/api/users/{id}/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	h, err := s.Wrap(router)
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/api/users/7/", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(discardWriter{http.Header{}}, r)
	}
}

type discardWriter struct{ header http.Header }

func (w discardWriter) Header() http.Header       { return w.header }
func (discardWriter) Write(p []byte) (int, error) { return len(p), nil }
func (discardWriter) WriteHeader(int)             {}
