package httpkit_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// A token with anything behind it is none, in a header as in a cookie.
func TestCSRF_LongerTokens(t *testing.T) {
	t.Parallel()
	c := httpkit.NewCSRF("secret")
	v := visit(t, c, "")
	for _, more := range []string{"!", "=", "A", v.cookie} {
		for what, tokens := range map[string][2]string{"header": {v.cookie, v.cookie + more}, "page": {v.cookie, v.field + more}, "cookie": {v.cookie + more, v.cookie}} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
			r.Header.Set("Cookie", "roster_csrf="+tokens[0])
			r.Header.Set("X-Csrftoken", tokens[1])
			if w := serve(c.Protect(echo, refuse), r); w.Code != http.StatusForbidden {
				t.Errorf("%q behind the %s: got %d", more, what, w.Code)
			}
		}
	}
}

// A door says when clients may come back, and only where that is known.
func TestDoor_HeadersOfErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err          error
		status       int
		retry, login string
	}{
		"throttled":       {&fault.Error{Kind: fault.Throttled, Message: "Later.", RetryAfter: 1500 * time.Millisecond}, 429, "2", ""},
		"busy":            {&fault.Error{Kind: fault.Unavailable, Message: "Busy.", RetryAfter: time.Minute}, 503, "60", ""},
		"wrapped":         {fmt.Errorf("it says: %w", &fault.Error{Kind: fault.Throttled, Message: "Later.", RetryAfter: time.Second}), 429, "1", ""},
		"invalid":         {fault.New(fault.Invalid, "No."), 400, "", ""},
		"another failure": {errors.New("a secret"), 500, "", ""},
	} {
		rt := httpkit.NewRouter(http.NotFoundHandler())
		httpkit.Door{
			Actor:  func(*http.Request) access.Actor { return access.Actor{} },
			Log:    slog.New(slog.DiscardHandler),
			Render: func(w http.ResponseWriter, _ *http.Request, status int, _ error) { w.WriteHeader(status) },
		}.Register(rt, []httpkit.Route{httpkit.Get("/", access.Public, func(http.ResponseWriter, *http.Request, access.Actor) error { return c.err })})
		w := serve(rt, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		if h := w.Header(); w.Code != c.status || h.Get("Retry-After") != c.retry || h.Get("Www-Authenticate") != c.login {
			t.Errorf("%s: got %d, Retry-After %q, WWW-Authenticate %q", name, w.Code, h.Get("Retry-After"), h.Get("Www-Authenticate"))
		}
	}
}

// A route without a limit of its own has that of all requests, and one with a limit
// has the lower of both.
func TestDoor_Limits(t *testing.T) {
	t.Parallel()
	for own, most := range map[int64]int{0: 100, 10: 10, 100: 100, 1000: 100} {
		rt := httpkit.NewRouter(http.NotFoundHandler())
		route := httpkit.Post("/", access.Public, func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			body, err := httpkit.ReadBody(r)
			if err == nil {
				_, err = io.WriteString(w, body)
			}
			return err
		})
		route.MaxBody = own
		httpkit.Door{
			Actor:  func(*http.Request) access.Actor { return access.Actor{} },
			Log:    slog.New(slog.DiscardHandler),
			Render: func(w http.ResponseWriter, _ *http.Request, status int, _ error) { w.WriteHeader(status) },
		}.Register(rt, []httpkit.Route{route})
		s := newStack(io.Discard)
		s.MaxBody = 100
		h := wrap(t, s, rt.ServeHTTP)
		for n := most - 1; n <= most+1; n++ {
			w := serve(h, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", n))))
			if want := map[bool]int{true: 200, false: 413}[n <= most]; w.Code != want || want == 200 && w.Body.Len() != n {
				t.Errorf("limit %d, %d bytes: got %d, want %d", own, n, w.Code, want)
			}
		}
	}
}

// Of the clients that a throttle knows, those whose quota is whole again are
// forgotten, and those who wait still wait.
func TestThrottle_Forgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	throttle := &httpkit.Throttle{Anonymous: httpkit.Quota{Limit: 1, Window: time.Minute}, Now: func() time.Time { return now }}
	check := func(client string) error {
		return throttle.Check(t.Context(), http.Header{}, client, access.Actor{}, access.ViewUser)
	}
	for i := range 99_999 {
		if err := check(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(time.Minute)
	for i, client := range []string{"192.0.2.1", "192.0.2.2"} {
		if err := check(client); err != nil {
			t.Fatal(err)
		}
		if got, want := httpkit.Buckets(throttle), []int{100_000, 2}[i]; got != want {
			t.Errorf("got %d clients, want %d", got, want)
		}
	}
	if check("192.0.2.1") == nil || check("10.0.0.1") != nil {
		t.Error("a client who waits was forgotten, or another one waits")
	}
}

// unreadable is a source of files that cannot be read.
type unreadable struct{ fstest.MapFS }

type unreadableFile struct{ fs.File }

var errUnreadable = errors.New("the disk is away")

func (u unreadable) Open(name string) (fs.File, error) {
	file, err := u.MapFS.Open(name)
	if err != nil || !strings.Contains(name, ".") || name == "." {
		return file, err
	}
	return unreadableFile{file}, nil
}

func (unreadableFile) Read([]byte) (int, error) { return 0, errUnreadable }

func (unreadableFile) Seek(int64, int) (int64, error) { return 0, nil }

// A file that cannot be read is an error of the start, and a page that names a file
// which does not exist is an error of the page.
func TestAssets_Unreadable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app.js", "app.js.gz"} {
		if _, err := httpkit.NewAssets(unreadable{fstest.MapFS{name: {Data: []byte("x")}}}); !errors.Is(err, errUnreadable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	pages, _ := newPages(t, page(`{{asset "none.js"}}`))
	w := httptest.NewRecorder()
	err := pages.Render(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody), http.StatusOK, "hello", nil)
	if err == nil || !strings.Contains(err.Error(), "no static file none.js") || !bytes.Equal(w.Body.Bytes(), nil) {
		t.Errorf("got %v and %s", err, w.Body)
	}
}
