package httpkit_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/httpkit"
)

const ownWriteWindow = 10 * time.Second

type lagsKey struct{}

// lagging answers whether the request's reads may lag.
func lagging(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.Context().Value(lagsKey{}) != nil)
}

// newOwnWrites returns a stack that answers "true" when reads may lag.
func newOwnWrites(t *testing.T, inner http.HandlerFunc) http.Handler {
	t.Helper()
	o := httpkit.NewOwnWrites(ownWriteWindow, func(ctx context.Context) context.Context {
		return context.WithValue(ctx, lagsKey{}, true)
	})
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	return wrap(t, s, o.Wrap(inner).ServeHTTP)
}

// from returns a request of a client.
func from(method, address string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "/api/users/", http.NoBody)
	r.RemoteAddr = address
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func mayLag(h http.Handler, r *http.Request) bool { return serve(h, r).Body.String() == "true" }

func TestOwnWrites_Methods(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]bool{
		"GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true,
		"POST": false, "PUT": false, "PATCH": false, "DELETE": false, "PURGE": false, "get": false,
	} {
		got := serve(newOwnWrites(t, lagging), from(method, "192.0.2.1:1"))
		if lags := got.Body.String() == "true"; lags != want {
			t.Errorf("%s: got reads that may lag: %v, want %v", method, lags, want)
		}
		if marked := got.Header().Get("Set-Cookie") != ""; marked == want {
			t.Errorf("%s: got a cookie: %v, want %v", method, marked, !want)
		}
	}
}

// TestOwnWrites_Clients has one client write and another, or the same, read.
func TestOwnWrites_Clients(t *testing.T) {
	t.Parallel()
	const one, other = "192.0.2.1:1000", "192.0.2.2:1000"
	const ann, bob = "Authorization: Bearer ann", "Authorization: Bearer bob"
	for _, c := range []struct {
		name         string
		writer       *http.Request
		reader       *http.Request
		readerMayLag bool
	}{
		{"another address", from("POST", one), from("GET", other), true},
		{"the same address, another port", from("POST", one), from("GET", "192.0.2.1:2000"), false},
		{"the same IPv4 address, as IPv6", from("POST", one), from("GET", "[::ffff:192.0.2.1]:1"), false},
		{"the same IPv6 network", from("POST", "[2001:db8::1]:1"), from("GET", "[2001:db8::ffff]:1"), false},
		{"another IPv6 network", from("POST", "[2001:db8::1]:1"), from("GET", "[2001:db8:0:1::1]:1"), true},
		{"an IPv6 zone", from("POST", "[fe80::1%eth0]:1"), from("GET", "[fe80::1%eth1]:1"), false},
		{"behind a proxy", from("POST", "10.0.0.1:1", "X-Forwarded-For: 192.0.2.1"), from("GET", "10.0.0.2:1", "X-Forwarded-For: 192.0.2.1"), false},
		{"another behind the proxy", from("POST", "10.0.0.1:1", "X-Forwarded-For: 192.0.2.1"), from("GET", "10.0.0.1:1", "X-Forwarded-For: 192.0.2.2"), true},
		{"a forged address", from("POST", one), from("GET", other, "X-Forwarded-For: 192.0.2.1"), true},

		{"the same token elsewhere", from("POST", one, ann), from("GET", other, ann), false},
		{"another token at the same address", from("POST", one, ann), from("GET", one, bob), true},
		{"a token that was just fetched", from("POST", one), from("GET", one, ann), false},
		{"without the token", from("POST", one, ann), from("GET", one), false},
		{"without the token elsewhere", from("POST", one, ann), from("GET", other), true},
		{"a token that reads like an address", from("POST", one), from("GET", other, "Authorization: 192.0.2.1"), true},

		{"the cookie elsewhere", from("POST", one), from("GET", other, "Cookie: a=b; roster_wrote=1"), false},
		{"other cookies", from("POST", one), from("GET", other, "Cookie: xroster_wrote=1; roster_wrot=roster_wrote"), true},
		{"a strange cookie", from("POST", one), from("GET", other, "Cookie: roster_wrote="+strings.Repeat("9", 4000)), false},
		{"cookies that are none", from("POST", one), from("GET", other, "Cookie: ;=;\xff\x00,\"", "Cookie: ="), true},
	} {
		h := newOwnWrites(t, lagging)
		if mayLag(h, c.writer) {
			t.Errorf("%s: reads of the request that writes may lag", c.name)
		}
		if got := mayLag(h, c.reader); got != c.readerMayLag {
			t.Errorf("%s: got reads that may lag: %v, want %v", c.name, got, c.readerMayLag)
		}
	}
}

func TestOwnWrites_Cookie(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{
		"http":  "roster_wrote=1; Path=/; Max-Age=10; HttpOnly; SameSite=Lax",
		"https": "roster_wrote=1; Path=/; Max-Age=10; HttpOnly; SameSite=Lax; Secure",
	} {
		got := serve(newOwnWrites(t, func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "x"})
		}), from("POST", "10.0.0.1:1", "X-Forwarded-Proto: "+scheme)).Header()["Set-Cookie"]
		if len(got) != 2 || got[0] != want || got[1] != "theirs=x" {
			t.Errorf("%s: got %q, want %q beside the handler's own", scheme, got, want)
		}
	}
}

// TestOwnWrites_Window: a client counts as one that wrote while it writes, also
// when that fails, and until the window after it is over.
func TestOwnWrites_Window(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newOwnWrites(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				time.Sleep(time.Minute)
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			lagging(w, r)
		})
		read := func() bool { return mayLag(h, from("GET", "192.0.2.1:2")) }
		for range 2 {
			go serve(h, from("POST", "192.0.2.1:1"))
		}
		time.Sleep(30 * time.Second)
		go serve(h, from("PATCH", "192.0.2.1:1"))
		for _, step := range []struct {
			wait time.Duration
			want bool
		}{
			{29 * time.Second, false}, // all are under way
			{20 * time.Second, false}, // one is
			{12 * time.Second, false}, // the last has just ended
			{9*time.Second - 1, false},
			{2, true},
		} {
			time.Sleep(step.wait)
			synctest.Wait()
			if got := read(); got != step.want {
				t.Errorf("after %v more: got reads that may lag: %v, want %v", step.wait, got, step.want)
			}
		}
	})
}

// When more clients write than are remembered individually, no reads may lag until
// the window is over.
func TestOwnWrites_Many(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newOwnWrites(t, lagging)
		client := func(method string, i int) *http.Request {
			return from(method, fmt.Sprintf("192.%d.%d.%d:1", i>>16, i>>8&0xff, i&0xff))
		}
		write := func(n int) {
			for i := range n {
				serve(h, client("POST", i))
			}
		}
		write(10_000)
		if !mayLag(h, client("GET", 1<<20)) {
			t.Error("a client that has not written may not lag, though there was room for all that have")
		}
		time.Sleep(ownWriteWindow - 1)
		write(10_002)
		for _, i := range []int{0, 9_999, 10_000, 10_001, 1 << 20} {
			if mayLag(h, client("GET", i)) {
				t.Errorf("client %d may lag", i)
			}
		}
		time.Sleep(ownWriteWindow)
		if !mayLag(h, client("GET", 10_001)) {
			t.Error("the window is over and reads may not lag")
		}
		serve(h, client("POST", 1<<20)) // makes room
		if mayLag(h, client("GET", 1<<20)) || !mayLag(h, client("GET", 0)) {
			t.Error("want the newest writer remembered apart from the rest")
		}
	})
}

// FuzzOwnWrites checks that a client reads its own write with any cookies, tokens
// and addresses, and that other clients are not affected.
func FuzzOwnWrites(f *testing.F) {
	f.Add("a=b; roster_wrote=1", "Bearer x", "192.0.2.1:1")
	f.Add("roster_wrote", "", "[::1%x]:1")
	f.Add(";;\"=,", "\x00", "nowhere")
	f.Fuzz(func(t *testing.T, cookie, credentials, address string) {
		h := newOwnWrites(t, lagging)
		request := func(method string) *http.Request {
			r := from(method, address)
			r.Header["Cookie"], r.Header["Authorization"] = []string{cookie}, []string{credentials}
			return r
		}
		if mayLag(h, request("POST")) || mayLag(h, request("GET")) {
			t.Error("the client that wrote may read what lags")
		}
		if address != "198.51.100.7:1" && !strings.HasPrefix(address, "198.51.100.7") && !mayLag(h, from("GET", "198.51.100.7:1", "Authorization: Bearer another one's")) {
			t.Error("another client may not read what lags")
		}
	})
}
