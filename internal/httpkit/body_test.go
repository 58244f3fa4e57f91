package httpkit_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// reading returns a handler that reads the body and keeps the result.
func reading(text *string, err *error) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { *text, *err = httpkit.ReadBody(r) }
}

func TestBody_Limit(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	s := newStack(io.Discard)
	s.MaxBody = limit
	for _, length := range []int{0, 1, 4095, 4096, 4097, limit - 1, limit, limit + 1} {
		for _, declared := range []bool{true, false} {
			var text string
			var err error
			r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(strings.Repeat("a", length))))
			if declared {
				r.ContentLength = int64(length)
			}
			serve(wrap(t, s, reading(&text, &err)), r)
			switch {
			case length <= limit && (err != nil || len(text) != length):
				t.Errorf("%d bytes, declared %t: got %d, %v", length, declared, len(text), err)
			case length > limit && (fault.KindOf(err) != fault.TooLarge || err.Error() != "The request body is over the limit of 1 MiB."):
				t.Errorf("%d bytes, declared %t: got %v, want an error that names the limit", length, declared, err)
			}
		}
	}
}

// A coded body is refused by the name of its header before it is read; identity is
// no coding.
func TestBody_ContentEncoding(t *testing.T) {
	t.Parallel()
	for coding, want := range map[string]fault.Kind{"gzip": fault.Unsupported, "br, gzip": fault.Unsupported, "identity": 0, "Identity": 0, "": 0} {
		var text string
		var err error
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		r.Header.Set("Content-Encoding", coding)
		got := serve(wrap(t, newStack(io.Discard), reading(&text, &err)), r)
		if want == 0 && (err != nil || text != "{}") {
			t.Errorf("%q: got %q, %v", coding, text, err)
		}
		if want != 0 && (fault.KindOf(err) != want || !strings.Contains(err.Error(), `Content-Encoding "`+coding+`"`) || got.Header().Get("Accept-Encoding") != "identity") {
			t.Errorf("%q: got %v, header %q", coding, err, got.Header())
		}
	}
}

// The bodies of all clients have a limit, and one client has half of it. Small
// bodies are served all the same, and what is done makes room.
func TestBody_Memory(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Memory = 400 << 10
	var pressed []bool
	s.Pressed = func(many bool) { pressed = append(pressed, many) }
	hold, held := make(chan struct{}), make(chan struct{})
	h := wrap(t, s, func(_ http.ResponseWriter, r *http.Request) {
		if _, err := httpkit.ReadBody(r); err != nil {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path == "/hold" {
			held <- struct{}{}
			<-hold
		}
	})
	send := func(path, client string, kilobytes int) (refused bool) {
		defer func() { refused = recover() != nil }()
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(strings.Repeat("a", kilobytes<<10)))
		r.RemoteAddr = client + ":1"
		serve(h, r)
		return false
	}
	for _, client := range []string{"192.0.2.1", "192.0.2.2"} {
		if !send("/", client, 205) || send("/", client, 204) {
			t.Errorf("%s: one client has more or less than half of the memory", client)
		}
		go send("/hold", client, 204)
		<-held
		if !send("/", client, 5) || send("/", client, 4) {
			t.Errorf("%s: with its half taken, large bodies are to be refused and small ones served", client)
		}
	}
	if !send("/", "192.0.2.3", 5) || send("/", "192.0.2.3", 4) {
		t.Error("with all of it taken, large bodies are to be refused and small ones served")
	}
	close(hold)
	eventuallySent := false
	for !eventuallySent { // until both have given back their room
		eventuallySent = !send("/", "192.0.2.1", 204) && !send("/", "192.0.2.2", 204)
	}
	if len(pressed) == 0 || pressed[len(pressed)-1] {
		t.Errorf("got %v, want the pressure to end", pressed)
	}
}

// pipes is a listener for connections within the process.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// sendSlowly sends a body of that length in pieces, each after a pause, and returns
// the status and the time it took.
func sendSlowly(t *testing.T, length, piece int, pause time.Duration) (status int, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := wrap(t, newStack(io.Discard), func(w http.ResponseWriter, r *http.Request) {
			if _, err := httpkit.ReadBody(r); err != nil {
				w.WriteHeader(httpkit.StatusOf(err))
			}
		})
		listener := make(pipes)
		server := httpkit.NewServer(h, slog.New(slog.DiscardHandler), nil)
		go func() { _ = server.Serve(listener) }()
		client, conn := net.Pipe()
		listener <- conn
		begun := time.Now()
		sender, end := context.WithCancel(t.Context())
		defer end()
		go func() {
			_, err := io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(length)+"\r\n\r\n")
			for sent := 0; sent < length && err == nil; sent += piece {
				select {
				case <-time.After(pause):
				case <-sender.Done():
					return
				}
				_, err = io.WriteString(client, strings.Repeat("a", min(piece, length-sent)))
			}
		}()
		answer, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		status, took = answer.StatusCode, time.Since(begun)
		_ = client.Close()
		close(listener)
		_ = server.Stop(t.Context())
	})
	return status, took
}

// A body has ten seconds without progress, a least rate after that, and a minute
// in total.
func TestBody_Slow(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	const rate = 16 << 10
	tests := map[string]struct {
		length, piece int
		pause         time.Duration
		want          int
		least, most   time.Duration
	}{
		"nothing":            {100, 100, time.Hour, 408, 10 * time.Second, 10 * time.Second},
		"just in time":       {100, 100, 9 * time.Second, 200, 9 * time.Second, 9 * time.Second},
		"a byte a second":    {100, 1, time.Second, 408, 10 * time.Second, 11 * time.Second},
		"below the rate":     {40 * rate, rate / 2, time.Second, 408, 19 * time.Second, 21 * time.Second},
		"above the rate":     {40 * rate, rate + 100, time.Second, 200, 39 * time.Second, 41 * time.Second},
		"longer than allows": {64 * rate, rate, time.Second, 408, 60 * time.Second, 60 * time.Second},
		"a long pause":       {40 * rate, 20 * rate, 11 * time.Second, 408, 10 * time.Second, 10 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, took := sendSlowly(t, tt.length, tt.piece, tt.pause)
			if status != tt.want || took < tt.least || took > tt.most {
				t.Errorf("got %d after %s, want %d after %s to %s", status, took, tt.want, tt.least, tt.most)
			}
		})
	}
}

// The answer to a long body that is not read reaches a client that reads it only
// after it has sent all: the connection is not reset.
func TestBody_UnreadIsAnswered(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.MaxBody = 8 << 20
	for path, want := range map[string]int{"/unread": 403, "/too-large": 413, "/panic": 500} {
		h := wrap(t, s, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/panic":
				panic("unread")
			case "/unread":
				w.WriteHeader(http.StatusForbidden)
			default:
				_, err := httpkit.ReadBody(r)
				w.WriteHeader(httpkit.StatusOf(err))
			}
		})
		_, addr, _ := startServer(t, h)
		for _, framing := range []string{"Content-Length: 9437184\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n900000\r\n"} {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\n"+framing+strings.Repeat("a", 9<<20))
			if err == nil && framing[0] == 'T' {
				_, err = io.WriteString(conn, "\r\n0\r\n\r\n")
			}
			if err != nil {
				t.Fatalf("%s: the server does not read on: %v", path, err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || answer.StatusCode != want || !answer.Close {
				t.Errorf("%s: got %v, %v, want %d and the end of the connection", path, answer, err, want)
			}
			_ = conn.Close()
		}
	}
}

// A form is parsed before the handler, within the limits of its route and of the
// number of fields.
func TestDoor_Forms(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	var got string
	d := httpkit.Door{
		Actor: func(*http.Request) access.Actor { return access.Actor{} }, Log: slog.New(slog.DiscardHandler), Forms: true, MaxBody: 8 << 10,
		Render: func(w http.ResponseWriter, _ *http.Request, status int, _ error) { w.WriteHeader(status) },
	}
	rt := httpkit.NewRouter(http.NotFoundHandler())
	handle := func(_ http.ResponseWriter, r *http.Request, _ access.Actor) error {
		got = r.PostFormValue("a")
		return nil
	}
	short := httpkit.Post("/short", access.Public, handle)
	short.MaxBody = 1 << 10
	d.Register(rt, []httpkit.Route{short, httpkit.Post("/", access.Public, handle)})
	h := wrap(t, s, rt.ServeHTTP)
	tests := []struct {
		path, contentType, body string
		status                  int
		want                    string
	}{
		{"/", "application/x-www-form-urlencoded; charset=utf-8", "a=%C3%A4&a=2", 200, "ä"},
		{"/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", 200, ""},
		{"/", "application/x-www-form-urlencoded", "a=%", 400, ""},
		{"/", "application/x-www-form-urlencoded", "a=1" + strings.Repeat("&b", 999), 200, "1"},
		{"/", "application/x-www-form-urlencoded", "a=1" + strings.Repeat("&b", 1000), 400, ""},
		{"/", "application/x-www-form-urlencoded", "a=" + strings.Repeat("b", 8<<10-2), 200, strings.Repeat("b", 8<<10-2)},
		{"/", "application/x-www-form-urlencoded", "a=" + strings.Repeat("b", 8<<10-1), 413, ""},
		{"/short", "application/x-www-form-urlencoded", "a=" + strings.Repeat("b", 1<<10-2), 200, strings.Repeat("b", 1<<10-2)},
		{"/short", "application/x-www-form-urlencoded", "a=" + strings.Repeat("b", 1<<10-1), 413, ""},
	}
	for _, tt := range tests {
		got = ""
		r := httptest.NewRequest(http.MethodPost, tt.path, strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.contentType)
		if answer := serve(h, r); answer.Code != tt.status || got != tt.want {
			t.Errorf("%s %.60s: got %d, %.40q, want %d, %.40q", tt.path, tt.body, answer.Code, got, tt.status, tt.want)
		}
	}
}

func TestReadBody_Fails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var text string
	var err error
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader("abc"), errReader{broken}))
	serve(wrap(t, newStack(io.Discard), reading(&text, &err)), r)
	if !errors.Is(err, broken) || fault.KindOf(err) != fault.Invalid || text != "" {
		t.Errorf("got %q, %v, want the cause as invalid input", text, err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// One client has half of the room, all have all of it, and what takes more than a
// quarter is reported once, as is that it ends.
func TestBodies(t *testing.T) {
	t.Parallel()
	var reports []bool
	b := httpkit.NewBodies(100, func(many bool) { reports = append(reports, many) })
	for i, c := range []struct {
		client string
		n      int64 // negative: given back
		fits   bool
		report string
	}{
		{"a", 25, true, "[]"},
		{"a", 1, true, "[true]"},
		{"a", -1, true, "[true false]"},
		{"a", 24, true, "[true false true]"},
		{"a", 2, false, "[true false true]"},
		{"a", 1, true, "[true false true]"},
		{"a", 1, false, "[true false true]"},
		{"b", 49, true, "[true false true]"},
		{"c", 2, false, "[true false true]"},
		{"c", 1, true, "[true false true]"},
		{"d", 1, false, "[true false true]"},
		{"a", -50, true, "[true false true]"},
		{"b", -24, true, "[true false true]"},
		{"c", -1, true, "[true false true false]"},
	} {
		fits := true
		if c.n < 0 {
			b.Give(c.client, -c.n)
		} else {
			fits = b.Take(c.client, c.n)
		}
		if fits != c.fits || fmt.Sprint(reports) != c.report {
			t.Errorf("%d: %+v: got %t and the reports %v", i, c, fits, reports)
		}
	}
	if b.Clients() != 1 {
		t.Errorf("got %d clients, want b alone", b.Clients())
	}
	if httpkit.NewBodies(0, nil) != nil || !httpkit.NewBodies(0, nil).Take("a", 1<<40) || !httpkit.NewBodies(8, nil).Take("a", 4) {
		t.Error("no limit, or no one to report to, refuses a body")
	}
}
