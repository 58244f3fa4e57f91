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

	"golang.org/x/net/netutil"
)

// The limits of the server. See docs/adr/0007 for the reasons.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeaderBytes    = 32 << 10
	maxConnections    = 4096
)

// Server serves HTTP/1.1 on one listener until it is told to stop.
type Server struct {
	http     *http.Server
	draining atomic.Bool
	listener atomic.Pointer[onceListener] // nil until Serve
}

// NewServer returns a server for the handler. What net/http has to say about
// broken connections goes to log at level DEBUG.
func NewServer(h http.Handler, log *slog.Logger) *Server {
	s := &Server{}
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

// Serve answers connections until Stop; then it returns nil. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	once := &onceListener{Listener: l}
	s.listener.Store(once)
	err := s.http.Serve(netutil.LimitListener(once, maxConnections))
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// onceListener is a listener that may be closed again.
type onceListener struct {
	net.Listener

	once   sync.Once
	closed error
}

// Close closes the listener once, and then says what came of that.
func (l *onceListener) Close() error {
	l.once.Do(func() { l.closed = l.Listener.Close() })
	return l.closed
}

// closeWhenDraining asks clients to use a connection no more once the server drains.
func (s *Server) closeWhenDraining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			w.Header()["Connection"] = closeConnection
		}
		next.ServeHTTP(w, r)
	})
}

// Drain makes every answer from now on the last on its connection. Requests are
// answered as before, so that a proxy loses none: it stops using its old
// connections before Stop closes them. It may be called more than once.
func (s *Server) Drain() { s.draining.Store(true) }

// Stop takes no new requests, waits for those under way until ctx is done, and
// then cuts them off. It may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	// Before the limit on connections ends: it would close the ones that it is
	// handed meanwhile, unanswered.
	if l := s.listener.Load(); l != nil {
		_ = l.Close() // Shutdown says what came of it
	}
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}
