package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// get is a request whose connection ends with the answer.
func get(target string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
}

// post is a request to create a user; headers says how long its body is.
func post(headers, body string) string {
	return "POST /api/users/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + headers + "\r\n" + body
}

// TestHTTP_Refused: what is no request, or too much of one, is answered and
// the connection closed; the server goes on.
func TestHTTP_Refused(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	tests := map[string]struct {
		request string
		want    int
	}{
		"huge header":          {"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", 431},
		"many headers":         {"GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-A: a\r\n", 8<<10) + "\r\n", 431},
		"bad escape":           {get("/%zz"), 400},
		"half an escape":       {get("/%4"), 400},
		"NUL":                  {get("/a\x00b"), 400},
		"space in the target":  {get("/a b"), 400},
		"two hosts":            {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
		"no host":              {"GET / HTTP/1.1\r\n\r\n", 400},
		"space before colon":   {"GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n", 400},
		"no such version":      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
		"no request":           {"hello\r\n\r\n", 400},
		"two lengths":          {post("Content-Length: 1\r\nContent-Length: 2\r\n", "{}"), 400},
		"negative length":      {post("Content-Length: -1\r\n", "{}"), 400},
		"length with a plus":   {post("Content-Length: +2\r\n", "{}"), 400},
		"unknown coding":       {post("Transfer-Encoding: xchunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), 501},
		"chunked twice":        {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501},
		"chunk size no number": {post("Transfer-Encoding: chunked\r\nConnection: close\r\n", "zz\r\n{}\r\n0\r\n\r\n"), 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dial(t, s)
			go func() { _, _ = w.conn.Write([]byte(test.request)) }() // may be answered before it is all sent
			got, closed := w.rest()
			if !strings.HasPrefix(got, fmt.Sprintf("HTTP/1.1 %d ", test.want)) || strings.Count(got, "HTTP/1.1 ") != 1 {
				t.Errorf("got %.200q, want status %d alone", got, test.want)
			}
			if !closed {
				t.Error("the connection stays open")
			}
		})
	}
	if status, _ := s.call(http.MethodGet, "/readyz", ""); status != http.StatusOK {
		t.Errorf("readyz after all that: got %d, want 200", status)
	}
}

// TestHTTP_Targets: a path is compared as it is, never cleaned, and leads out
// of nothing.
func TestHTTP_Targets(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "ALLOWED_HOSTS=a,localhost", "API_PERMISSION=AllowAny")
	tests := map[string]int{
		"/api/users/%00/": 404,
		"/%00":            404,
		"/static/..%2f..%2f..%2f..%2fetc%2fpasswd": 404,
		"/static/../../../../etc/passwd":           404,
		"/static/%2e%2e/%2e%2e/etc/passwd":         404,
		"/static/":                                 404,
		"/static/css/":                             404,
		"/static/css/roster.css%00":                404,
		"/..%2fapi/":                               404,
		"/x/../api/":                               404,
		"//api/":                                   404,
		"/api//users/":                             404,
		"//example.com":                            404,
		"/%2fexample.com/..":                       404,
		"/api%2fusers/":                            200, // as in WSGI, where the path comes decoded
		"/api/?a=%zz&b=;":                          200,
		"*":                                        404,
		"http://a/api/":                            200,
		"http://localhost:8000/api/":               200,
		"http://elsewhere.example/api/":            400, // the target's host counts; see RFC 9112, 3.2.2
		"http://elsewhere.example/readyz":          200,
		"/api/users/99999999999999999999999999999/": 404,
	}
	for target, want := range tests {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			got := exchangeRaw(t, s, get(target))
			if got.status != want || strings.Contains(got.body, "root:") {
				t.Errorf("got %d %.200s, want %d", got.status, got.body, want)
			}
			wantHeaders(t, got)
		})
	}
}

func TestHTTP_BodyOverLimit(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	const size = 10 << 20
	body := strings.Repeat("a", size)
	for name, request := range map[string]string{
		"length":  post(fmt.Sprintf("Content-Length: %d\r\n", size), body),
		"chunked": post("Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", size, body)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dial(t, s)
			go func() { _, _ = w.conn.Write([]byte(request)) }() // is answered before it is all sent
			got := w.read("POST")
			if got.status != http.StatusRequestEntityTooLarge || got.body != `{"detail":"The request body is over the limit of 8 MiB."}` ||
				got.header.Get("Content-Type") != "application/json" {
				t.Errorf("got %d %q, want 413 in JSON", got.status, got.body)
			}
			wantHeaders(t, got)
			if !w.ended() {
				t.Error("the connection stays open")
			}
		})
	}
	if got := s.number("/api/users/", "count"); got != 0 {
		t.Errorf("users: got %d, want 0", got)
	}
}

// TestHTTP_SlowHeader: one client that sends its header piece by piece keeps
// no other request waiting, and is answered in the end.
func TestHTTP_SlowHeader(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	slow := dial(t, s)
	for piece := range strings.SplitAfterSeq("GET /api/ HTTP/1.1\r\nHost: a\r\nX-A: b\r\n", " ") {
		slow.write(piece)
		if status, _ := s.call(http.MethodGet, "/api/users/", ""); status != http.StatusOK {
			t.Errorf("meanwhile: got %d, want 200", status)
		}
	}
	slow.write("\r\n")
	if got := slow.read("GET"); got.status != http.StatusOK {
		t.Errorf("slow: got %d, want 200", got.status)
	}
}

func TestHTTP_OldVersion(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	w := dial(t, s)
	w.write("GET /api/ HTTP/1.0\r\nHost: a\r\n\r\n")
	if got := w.read("GET"); got.status != http.StatusOK || got.body != `{"users":"http://a/api/users/"}` {
		t.Errorf("got %d %q, want the index", got.status, got.body)
	}
	if !w.ended() {
		t.Error("the connection stays open")
	}
}

// TestHTTP_Pipelined: requests on one connection are answered in their order.
func TestHTTP_Pipelined(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	w := dial(t, s)
	var all strings.Builder
	for i := range 20 {
		body := newUser("pipe-" + strconv.Itoa(i))
		all.WriteString(post(fmt.Sprintf("Content-Length: %d\r\n", len(body)), body))
		fmt.Fprintf(&all, "HEAD /api/users/%d/ HTTP/1.1\r\nHost: a\r\n\r\n", i+1)
	}
	w.write(all.String())
	for i := range 20 {
		if got := w.read("POST"); got.status != http.StatusCreated || rowID(t, got.body) != int64(i+1) {
			t.Fatalf("request %d: got %d %s, want 201 with id %d", i, got.status, got.body, i+1)
		}
		if got := w.read("HEAD"); got.status != http.StatusOK || got.body != "" {
			t.Fatalf("HEAD %d: got %d %q, want 200 and no body", i, got.status, got.body)
		}
	}
}

// TestHTTP_Head: HEAD says what GET would, down to the length.
func TestHTTP_Head(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	s.create("head")
	for _, path := range []string{
		"/", "/api/", "/api/users/", "/api/users/1/", "/api/users/9/", "/api/users/active_count/", "/api/users/?format=api",
		"/openapi.json", "/openapi.yaml", "/swagger/", "/redoc/", "/healthz", "/readyz", "/nowhere", "/api/users", stylesheet(t, s),
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			full := exchangeRaw(t, s, get(path))
			w := dial(t, s)
			w.write(strings.Replace(get(path), "GET", "HEAD", 1))
			head := w.read("HEAD")
			if head.status != full.status || head.header.Get("Content-Type") != full.header.Get("Content-Type") {
				t.Errorf("got %d %q, want %d %q", head.status, head.header.Get("Content-Type"), full.status, full.header.Get("Content-Type"))
			}
			if got, want := head.header.Get("Content-Length"), strconv.Itoa(len(full.body)); got != want {
				t.Errorf("Content-Length: got %q, want %q", got, want)
			}
			if !w.ended() {
				t.Error("there is a body")
			}
		})
	}
}

func TestHTTP_Chunked(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	body := newUser("chunked")
	request := post("Transfer-Encoding: chunked\r\n", fmt.Sprintf("5;ext=1\r\n%s\r\n%x\r\n%s\r\n0\r\nX-Trailer: a\r\n\r\n", body[:5], len(body)-5, body[5:]))
	if got := exchangeRaw(t, s, request); got.status != http.StatusCreated || !strings.Contains(got.body, `"chunked"`) {
		t.Errorf("got %d %s, want 201", got.status, got.body)
	}
}

// TestHTTP_TwoLengths: a proxy in front may see another end of a request that
// has both Transfer-Encoding and Content-Length. Whatever follows it on the
// connection must not be answered. See RFC 9112, 6.1.
func TestHTTP_TwoLengths(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	for name, request := range map[string]string{
		"length first": post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
		"coding first": post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2\r\n{}\r\n0\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dial(t, s)
			w.write(request + get("/api/"))
			if got := w.read("POST"); got.status != http.StatusBadRequest {
				t.Errorf("got %d %s, want 400", got.status, got.body)
			}
			if !w.ended() {
				t.Error("the connection goes on after the request with two lengths")
			}
		})
	}
}

// TestHTTP_ClientGoesAway: half a request stores nothing and does no harm.
func TestHTTP_ClientGoesAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir)
	for i := range 10 {
		w, _ := startSlowCreate(t, s, "gone-"+strconv.Itoa(i))
		if err := w.conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.number("/api/users/", "count"); got != 0 {
		t.Errorf("users: got %d, want 0", got)
	}
	if got := s.stop(); got != 0 {
		t.Errorf("exit status: got %d, want 0", got)
	}
	if got := readFile(t, dir, "logs/error.log"); got != "" {
		t.Errorf("error.log: got %q, want nothing", got)
	}
}

var stylesheetPath = regexp.MustCompile(`href="(/static/[^"]+\.css)"`)

// stylesheet is the path of the style sheet that the pages use.
func stylesheet(t *testing.T, s *server) string {
	t.Helper()
	_, page := s.call(http.MethodGet, "/", "")
	found := stylesheetPath.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no style sheet in %.500s", page)
	}
	return found[1]
}
