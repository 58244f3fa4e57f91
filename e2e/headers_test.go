package e2e_test

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var requestIDPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// ofAll are the headers of every answer, ofPages those of pages beside them.
var (
	ofAll = map[string]string{
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
	}
	ofPages = map[string]string{
		"Referrer-Policy":              "strict-origin-when-cross-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "geolocation=(), camera=(), microphone=()",
	}
)

// wantHeaders looks for what every answer carries.
func wantHeaders(t *testing.T, got received) {
	t.Helper()
	wanted := maps.Clone(ofAll)
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && got.body != "" {
		maps.Copy(wanted, ofPages)
	}
	for name, want := range wanted {
		if value := got.header.Values(name); len(value) != 1 || value[0] != want {
			t.Errorf("%s: got %q, want %q", name, value, want)
		}
	}
	if id := got.header.Values("X-Request-Id"); len(id) != 1 || !requestIDPattern.MatchString(id[0]) {
		t.Errorf("X-Request-Id: got %q, want one", id)
	}
	policy := got.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
		strings.Contains(policy, "unsafe-eval") || strings.Contains(scripts(policy), "unsafe-inline") {
		t.Errorf("Content-Security-Policy: got %q", policy)
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if value, ok := got.header[name]; ok {
			t.Errorf("%s: got %q, want none", name, value)
		}
	}
}

// scripts is the directive script-src of a policy.
func scripts(policy string) string {
	for directive := range strings.SplitSeq(policy, ";") {
		if strings.HasPrefix(strings.TrimSpace(directive), "script-src") {
			return directive
		}
	}
	return ""
}

// TestHeaders: every kind of answer has an id and the headers that keep
// browsers safe.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "ALLOWED_HOSTS=a", "API_PERMISSION=AllowAny")
	css := ""
	if found := stylesheetPath.FindStringSubmatch(exchangeRaw(t, s, get("/")).body); found != nil {
		css = found[1]
	}
	browser := func(path string) string { return strings.Replace(get(path), "\r\n", "\r\nAccept: text/html\r\n", 1) }
	for name, test := range map[string]struct {
		request string
		status  int
		content string
	}{
		"page":             {get("/"), 200, "text/html; charset=utf-8"},
		"page not found":   {get("/nowhere/"), 404, "text/html; charset=utf-8"},
		"wrong method":     {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405, "text/html; charset=utf-8"},
		"JSON":             {get("/api/users/"), 200, "application/json"},
		"JSON not found":   {get("/api/users/9/"), 404, "application/json"},
		"JSON bad":         {post("Content-Length: 1\r\n", "{"), 400, "application/json"},
		"browsable":        {browser("/api/users/"), 200, "text/html; charset=utf-8"},
		"browsable 404":    {browser("/api/users/9/"), 404, "text/html; charset=utf-8"},
		"redirect":         {get("/api/users"), 301, "text/html; charset=utf-8"},
		"style sheet":      {get(css), 200, "text/css; charset=utf-8"},
		"no static file":   {get("/static/nothing.css"), 404, "text/html; charset=utf-8"},
		"OpenAPI":          {get("/openapi.json"), 200, "application/json"},
		"OpenAPI as YAML":  {get("/openapi.yaml"), 200, "application/yaml"},
		"Swagger":          {get("/swagger/"), 200, "text/html; charset=utf-8"},
		"ReDoc":            {get("/redoc/"), 200, "text/html; charset=utf-8"},
		"liveness":         {get("/healthz"), 200, "application/json"},
		"readiness":        {get("/readyz"), 200, "application/json"},
		"bad host":         {strings.Replace(get("/"), "Host: a", "Host: b", 1), 400, "text/html; charset=utf-8"},
		"bad host, API":    {strings.Replace(get("/api/users/"), "Host: a", "Host: b\r\nAccept: */*", 1), 400, "application/json"},
		"bad host, none":   {strings.Replace(get("/api/users/"), "Host: a", "Host: b", 1), 400, "text/html; charset=utf-8"},
		"bad host, JSON":   {strings.Replace(get("/users/"), "Host: a", "Host: b\r\nAccept: application/json", 1), 400, "application/json"},
		"bad host, page":   {strings.Replace(browser("/api/users/"), "Host: a", "Host: b", 1), 400, "text/html; charset=utf-8"},
		"preflight":        {strings.Replace(get("/api/users/"), "GET", "OPTIONS", 1), 200, "application/json"},
		"other site posts": {strings.Replace(post("Content-Length: 2\r\n", "{}"), "Host: a", "Host: a\r\nOrigin: https://b.example", 1), 403, "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := exchangeRaw(t, s, test.request)
			if got.status != test.status || got.header.Get("Content-Type") != test.content {
				t.Errorf("got %d %q, want %d %q", got.status, got.header.Get("Content-Type"), test.status, test.content)
			}
			wantHeaders(t, got)
		})
	}
}

// TestHeaders_RequestID: each request has an id of its own, whatever the client claims.
func TestHeaders_RequestID(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	seen := map[string]bool{}
	w := dial(t, s)
	for range 100 {
		w.write("GET /api/ HTTP/1.1\r\nHost: a\r\nX-Request-Id: 0000000000000000\r\n\r\n")
		got := w.read(http.MethodGet)
		wantHeaders(t, got)
		id := got.header.Get("X-Request-Id")
		if seen[id] || id == "0000000000000000" {
			t.Errorf("id %s was given before", id)
		}
		seen[id] = true
	}
}
