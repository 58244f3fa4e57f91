package httpkit

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The limits of the server; docs/adr/0007 has the reasons.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = bodyPause // body.move extends it
	writeTimeout      = 60 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeaderBytes    = 32 << 10
)

// Server serves HTTP/1.1 on one listener until Stop.
type Server struct {
	http     *http.Server
	draining atomic.Bool
	accepted atomic.Pointer[connections] // nil until Serve
	ended    chan struct{}               // closed when no connection is accepted any more
	proxies  Proxies
}

// NewServer returns a server for the handler. It logs net/http's messages about
// broken connections at level DEBUG. The proxies may have any part of the
// connections.
func NewServer(h http.Handler, log *slog.Logger, proxies Proxies) *Server {
	s := &Server{proxies: proxies, ended: make(chan struct{})}
	s.http = &http.Server{
		Handler:           s.closeWhenDraining(h),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve serves connections until Stop, then returns nil. It closes the listener, and
// must be called once.
func (s *Server) Serve(l net.Listener) error {
	defer close(s.ended)
	limited := newConnections(&onceListener{Listener: l}, mostConnections(), s.proxies)
	s.http.ConnState, s.http.ConnContext = limited.changed, withConnection
	s.accepted.Store(limited)
	err := s.http.Serve(limited)
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// onceListener is a listener that may be closed more than once.
type onceListener struct {
	net.Listener

	once   sync.Once
	closed error
}

// Close closes the listener once and returns the result of that.
func (l *onceListener) Close() error {
	l.once.Do(func() { l.closed = l.Listener.Close() })
	return l.closed
}

// closeWhenDraining asks clients to close their connections while the server
// drains. Requests that began earlier count too: a connection that became idle
// meanwhile could be closed just when the client sends the next request.
func (s *Server) closeWhenDraining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		speak(r)
		next.ServeHTTP(&lastResponse{ResponseWriter: w, draining: &s.draining}, r)
	})
}

// lastResponse closes the connection after the response if the server drains when
// the response begins.
type lastResponse struct {
	http.ResponseWriter

	draining *atomic.Bool
	begun    bool
}

func (l *lastResponse) WriteHeader(status int) {
	if !l.begun && status >= http.StatusOK { // 1xx is not the final response
		l.begun = true
		if l.draining.Load() {
			l.Header()["Connection"] = closeConnection
		}
	}
	l.ResponseWriter.WriteHeader(status)
}

func (l *lastResponse) Write(p []byte) (int, error) {
	if !l.begun {
		l.WriteHeader(http.StatusOK)
	}
	return l.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (l *lastResponse) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// Drain makes every further response the last one on its connection. Requests are
// still served, so that a proxy stops using its connections before Stop closes
// them and loses no request. It may be called more than once.
func (s *Server) Drain() { s.draining.Store(true) }

// Stop accepts no new connections, waits for the requests of those that it has
// until ctx is done, and then closes them. A connection without a request is closed
// after readHeaderTimeout. It may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	s.Drain()
	s.settle(ctx)
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

// settle stops accepting connections, and waits for the first request of each.
// Shutdown would close those that were just accepted without a response, and a proxy
// does not repeat their requests if they create something.
func (s *Server) settle(ctx context.Context) {
	c := s.accepted.Load()
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readHeaderTimeout)
	defer cancel()
	_ = c.Close() // Shutdown returns its error
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
	c.awaitRequests(ctx)
}
