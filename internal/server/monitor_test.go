package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/server"
)

// scrape asks for figures as a client at an address, with headers as "Name: value".
func scrape(h http.Handler, address, host string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	r.RemoteAddr, r.Host = address, host
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestMetrics_Readers(t *testing.T) {
	t.Parallel()
	open := func(settings ...string) http.Handler {
		return server.Serve(t, "0.0.0.0:8000", append([]string{"LOG_DIR=", "LOG_LEVEL=CRITICAL", "SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-Ts",
			"ALLOWED_HOSTS=users.example.com", "DB_NAME=" + filepath.Join(t.TempDir(), "db.sqlite3")}, settings...)...)
	}
	const token = "0123456789abcdef"
	alone, proxied := open(), open("TRUSTED_PROXIES=127.0.0.1")
	allowed, secret := open("METRICS_ALLOW=10.0.0.0/8"), open("METRICS_TOKEN="+token)
	for i, c := range []struct {
		h             http.Handler
		address, host string
		header        string
		want          int
	}{
		{alone, "127.0.0.1:4711", "127.0.0.1:8000", "Accept: */*", 200},
		{alone, "192.0.2.1:4711", "users.example.com", "Accept: */*", 403},
		{alone, "192.0.2.1:4711", "127.0.0.1:8000", "X-Forwarded-For: 127.0.0.1", 403},
		{alone, "127.0.0.1:4711", "127.0.0.1:8000", "X-Forwarded-For: 127.0.0.1", 403},
		{proxied, "127.0.0.1:4711", "users.example.com", "X-Forwarded-For: 127.0.0.1", 403},
		{allowed, "10.0.0.7:4711", "app-1:8000", "Accept: */*", 200},
		{secret, "192.0.2.1:4711", "app-1:8000", "Authorization: Bearer " + token, 200},
		{secret, "127.0.0.1:4711", "127.0.0.1:8000", "Accept: */*", 401},
	} {
		if got := scrape(c.h, c.address, c.host, c.header).Code; got != c.want {
			t.Errorf("case %d, %s with %s: got %d, want %d", i, c.address, c.header, got, c.want)
		}
	}
}

func TestServe_Traces(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	logs := filepath.Join(t.TempDir(), "logs")
	t.Cleanup(func() { // once the server has ended, and so sent and written everything
		defer collector.Close()
		if sent := <-got; !strings.Contains(sent, "GET /api/users/{id}/") || !strings.Contains(sent, "find user") {
			t.Errorf("got %q, want the request and its read", sent)
		}
		text, err := os.ReadFile(filepath.Join(logs, "app.log"))
		if err != nil || !strings.Contains(string(text), `"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`) {
			t.Errorf("got the log %s, %v, want the trace's id", text, err)
		}
	})
	h := server.Serve(t, "127.0.0.1:8000", "LOG_DIR="+logs, "LOG_FORMAT=json", "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL,
		"DB_NAME="+filepath.Join(t.TempDir(), "db.sqlite3"))
	r := httptest.NewRequest(http.MethodGet, "/api/users/7/", http.NoBody)
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	h.ServeHTTP(httptest.NewRecorder(), r)
}
