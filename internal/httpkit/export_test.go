package httpkit

import (
	"log/slog"
	"net"
	"net/http"
)

// ServeLimited serves with a limit of connections until stop is called. idle is called
// after a connection has become idle.
func ServeLimited(h http.Handler, l net.Listener, limit int, proxies Proxies, idle func()) (stop func()) {
	s := NewServer(h, slog.New(slog.DiscardHandler), proxies)
	limited := newConnections(l, limit, proxies)
	s.http.ConnState = func(conn net.Conn, state http.ConnState) {
		limited.changed(conn, state)
		if state == http.StateIdle {
			idle()
		}
	}
	go func() { _ = s.http.Serve(limited) }()
	return func() { _ = s.http.Close() }
}

// NewBodies is newBodies.
func NewBodies(limit int64, pressed func(many bool)) *Bodies { return newBodies(limit, pressed) }

// Take is take.
func (b *Bodies) Take(client string, n int64) bool { return b.take(client, n) }

// Give is give.
func (b *Bodies) Give(client string, n int64) { b.give(client, n) }

// Clients returns how many clients have room.
func (b *Bodies) Clients() int { return len(b.clients) }

// CountClients admits connections, closes them, and returns how many clients are
// counted then.
func CountClients(l net.Listener, conns ...net.Conn) int {
	c := newConnections(l, len(conns), nil)
	for _, raw := range conns {
		defer func() { _ = raw.Close() }()
		c.forget(c.admit(raw))
	}
	return len(c.clients)
}
