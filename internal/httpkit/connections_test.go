package httpkit_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"roster/internal/httpkit"
)

// limited is a server with a limit of connections.
type limited struct {
	addr string
	held chan struct{} // receives once for each request that is held
	idle chan struct{} // and for each connection that has become idle
}

// wire is a connection of a client.
type wire struct {
	t    *testing.T
	to   *limited
	conn net.Conn
	in   *bufio.Reader
}

func (l *limited) dial(t *testing.T, client int) *wire {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(client))}}
	conn, err := dialer.DialContext(t.Context(), "tcp", l.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &wire{t, l, conn, bufio.NewReader(conn)}
}

// ask sends a request and reports whether it was answered. By then the connection is
// idle: the server may answer before it notes that.
func (w *wire) ask(path string) bool {
	_, _ = fmt.Fprintf(w.conn, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path)
	answer, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	<-w.to.idle
	return answer.StatusCode == http.StatusOK
}

// ended returns once the server has closed the connection.
func (w *wire) ended() {
	if _, err := io.Copy(io.Discard, w.in); err != nil {
		w.t.Logf("reset: %v", err)
	}
}

// serveLimited serves a handler of which /hold waits for the end, with a limit of
// connections.
func serveLimited(t *testing.T, limit int, proxies ...string) *limited {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &limited{l.Addr().String(), make(chan struct{}), make(chan struct{}, 100)}
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			s.held <- struct{}{}
			<-r.Context().Done()
		}
	})
	var trusted httpkit.Proxies
	for _, proxy := range proxies {
		trusted = append(trusted, netip.MustParsePrefix(proxy))
	}
	t.Cleanup(httpkit.ServeLimited(h, l, limit, trusted, func() { s.idle <- struct{}{} }))
	return s
}

// The idle connections of one client give way to each other, and others are served.
func TestConnections_OneClientIdle(t *testing.T) {
	t.Parallel()
	s := serveLimited(t, 16)
	var idle []*wire
	for range 12 {
		w := s.dial(t, 1)
		if !w.ask("/") {
			t.Fatal("a client with idle connections is not served")
		}
		idle = append(idle, w)
	}
	for _, w := range idle[:8] { // it may have four
		w.ended()
	}
	if !idle[11].ask("/") || !idle[8].ask("/") {
		t.Error("the newest connections are closed, want the oldest")
	}
	if !s.dial(t, 2).ask("/") {
		t.Error("another client is not served")
	}
}

// Connections that are used are not closed: a client at its limit gets no more, and
// others are served.
func TestConnections_OneClientBusy(t *testing.T) {
	t.Parallel()
	s := serveLimited(t, 16)
	for range 4 {
		w := s.dial(t, 1)
		go w.ask("/hold")
		<-s.held
	}
	s.dial(t, 1).ended()
	if !s.dial(t, 2).ask("/") {
		t.Error("another client is not served")
	}
}

// At the limit of all, the oldest idle connection gives way, of any client, also
// one without a request; those in use stay.
func TestConnections_Full(t *testing.T) {
	t.Parallel()
	s := serveLimited(t, 4)
	busy := s.dial(t, 1)
	go busy.ask("/hold")
	<-s.held
	silent, idle, newest := s.dial(t, 2), s.dial(t, 3), s.dial(t, 4)
	if !idle.ask("/") || !newest.ask("/") {
		t.Fatal("not served below the limit")
	}
	if !s.dial(t, 5).ask("/") {
		t.Fatal("a new client is not served")
	}
	silent.ended()
	if !s.dial(t, 6).ask("/") {
		t.Fatal("a new client is not served")
	}
	idle.ended()
	if !newest.ask("/") {
		t.Error("a newer connection was closed")
	}
}

// With all connections in use, a new one waits until one ends.
func TestConnections_Waits(t *testing.T) {
	t.Parallel()
	s := serveLimited(t, 2, "127.0.0.0/8")
	first, second := s.dial(t, 1), s.dial(t, 1)
	go first.ask("/hold")
	go second.ask("/hold")
	<-s.held
	<-s.held
	third := s.dial(t, 2)
	answered := make(chan bool)
	go func() { answered <- third.ask("/") }()
	_ = first.conn.Close()
	if !<-answered {
		t.Error("the waiting client is not served")
	}
}

// A trusted proxy may have all connections.
func TestConnections_Proxy(t *testing.T) {
	t.Parallel()
	s := serveLimited(t, 8, "127.0.0.1/32")
	for range 8 {
		w := s.dial(t, 1)
		go w.ask("/hold")
		<-s.held
	}
}

// A client behind a proxy has a limit of requests in progress, and others are served.
func TestStack_ProxiedClients(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	release, begun := make(chan struct{}), make(chan struct{})
	h := wrap(t, s, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			begun <- struct{}{}
			<-release
		}
	})
	send := func(path, client, peer string) int {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", client)
		return serve(h, r).Code
	}
	done := make(chan int)
	for range 1024 {
		go func() { done <- send("/hold", "192.0.2.1", "10.0.0.1:9") }()
		<-begun
	}
	for client, want := range map[string]int{"192.0.2.1": 429, "192.0.2.2": 200} {
		if got := send("/", client, "10.0.0.1:9"); got != want {
			t.Errorf("%s with 1024 requests of 192.0.2.1 in progress: got %d, want %d", client, got, want)
		}
	}
	if got := send("/", "192.0.2.1", "192.0.2.1:9"); got != 200 {
		t.Errorf("without a proxy: got %d, want 200", got)
	}
	close(release)
	for range 1024 {
		<-done
	}
	if got := send("/", "192.0.2.1", "10.0.0.1:9"); got != 200 {
		t.Errorf("afterwards: got %d, want 200", got)
	}
}

// A client whose connections are closed is no longer counted: clients would fill the
// memory otherwise.
func TestConnections_ForgetsClients(t *testing.T) {
	t.Parallel()
	var conns []net.Conn
	for i := range 6 {
		conn, other := net.Pipe()
		_ = other.Close()
		conns = append(conns, addressed{conn, &net.TCPAddr{IP: net.IPv4(192, 0, 2, byte(i/2)), Port: 1000 + i}})
	}
	if got := httpkit.CountClients(nil, conns...); got != 0 {
		t.Errorf("got %d clients without a connection", got)
	}
}

// addressed is a connection from an address.
type addressed struct {
	net.Conn

	from net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.from }
