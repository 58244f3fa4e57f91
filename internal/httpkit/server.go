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
	listener atomic.Pointer[onceListener] // nil until Serve
	proxies  Proxies
}

// NewServer returns a server for the handler. It logs net/http's messages about
// broken connections at level DEBUG. The proxies may have any part of the
// connections.
func NewServer(h http.Handler, log *slog.Logger, proxies Proxies) *Server {
	s := &Server{proxies: proxies}
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

// Serve serves connections until Stop, then returns nil. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	once := &onceListener{Listener: l}
	s.listener.Store(once)
	limited := newConnections(once, mostConnections(), s.proxies)
	s.http.ConnState = limited.changed
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

// Stop accepts no new requests, waits for those in progress until ctx is done,
// and then closes their connections. It may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	// Connections that are accepted during Shutdown would be closed without an answer.
	if l := s.listener.Load(); l != nil {
		_ = l.Close() // Shutdown returns its error
	}
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}
