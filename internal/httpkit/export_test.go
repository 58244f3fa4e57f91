package httpkit

import (
	"context"
	"log/slog"
	"net"
	"net/http"
)

// ServeLimited serves with a limit of connections until stop is called.
func ServeLimited(h http.Handler, l net.Listener, limit int, proxies Proxies) (stop func(context.Context)) {
	s := NewServer(h, slog.New(slog.DiscardHandler), proxies)
	limited := newConnections(l, limit, proxies)
	s.http.ConnState = limited.changed
	go func() { _ = s.http.Serve(limited) }()
	return func(context.Context) { _ = s.http.Close() }
}
