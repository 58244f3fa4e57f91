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
