package httpkit

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
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
	http *http.Server
}

// NewServer returns a server for the handler. What net/http has to say about
// broken connections goes to log at level DEBUG.
func NewServer(h http.Handler, log *slog.Logger) *Server {
	return &Server{http: &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// Serve answers connections until Stop; then it returns nil. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(netutil.LimitListener(l, maxConnections))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Stop takes no new requests, waits for those under way until ctx is done, and
// then cuts them off. It may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}
