// Package httpkit is what all doors share: the way of a request from the
// connection to a handler and back, routing, limits, pages and assets.
package httpkit

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"

	"roster/internal/metrics"
	"roster/internal/tracing"
)

// Stack is what happens to every request before the router sees it, and to
// every answer after.
type Stack struct {
	Log     *slog.Logger
	Proxies Proxies
	Hosts   Hosts
	// Local says that only this machine can connect. Then a page of another
	// name may not send requests here, as any name can be made to point here
	// (DNS rebinding), and so may no browser that does not tell whether a page does.
	Local   bool
	CORS    CORS
	MaxBody int64           // bytes
	Metrics *metrics.HTTP   // counts the requests; nil: nobody does
	Traces  *tracing.Tracer // traces them; nil: nobody does
	// Failed answers with an HTML page of that status: 400 for a bad host, 403
	// for a request from another origin, 500 for a panic.
	Failed func(w http.ResponseWriter, r *http.Request, status int)
	// Exempt paths are answered whatever the Host header says, for probes.
	Exempt []string
}

// Wrap returns the handler that serves next behind the stack. It fails when a
// CORS origin is not one.
func (s Stack) Wrap(next http.Handler) (http.Handler, error) {
	guarded, err := s.CORS.protect(s.limitBody(next), s.failing(http.StatusForbidden))
	if err != nil {
		return nil, err
	}
	return s.record(s.CORS.middleware(s.checkHost(guarded))), nil
}

// describe attaches what is known of the request, and sets the headers of every answer.
func (s Stack) describe(parent context.Context, h http.Header, r *http.Request) *http.Request {
	ctx := &requestContext{Context: parent, request: s.Proxies.describe(r)}
	ctx.request.ID = newRequestID()
	ctx.header[0] = ctx.request.ID
	secure(h, ctx.request.Scheme)
	h["X-Request-Id"] = ctx.header[:]
	r = r.WithContext(ctx)
	r.Host = ctx.request.Host // what the origin of a request is compared with
	return r
}

func (s Stack) checkHost(next http.Handler) http.Handler {
	exempt := make(map[string]bool, len(s.Exempt))
	for _, path := range s.Exempt {
		exempt[path] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !exempt[r.URL.Path] && !s.allows(r) {
			s.Failed(w, r, http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allows reports whether a request for its host may be answered.
func (s Stack) allows(r *http.Request) bool {
	host := RequestOf(r).Host
	return s.Hosts.Allow(host) && (!s.Local || !fromPage(r) || thisMachine.Allow(host))
}

func (s Stack) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.ContentLength > s.MaxBody:
			r.Body = refusedBody{s.MaxBody}
		case r.Body != http.NoBody:
			r.Body = http.MaxBytesReader(w, r.Body, s.MaxBody)
		}
		if len(r.TransferEncoding) > 0 {
			// net/http does not tell whether a Content-Length stood beside it,
			// which could hide a second request (RFC 9112, 6.1).
			w.Header()["Connection"] = closeConnection
		}
		next.ServeHTTP(w, r)
	})
}

// refusedBody is a body whose declared length is over the limit: none of it is read.
type refusedBody struct{ limit int64 }

func (b refusedBody) Read([]byte) (int, error) { return 0, &http.MaxBytesError{Limit: b.limit} }
func (b refusedBody) Close() error             { return nil }

func (s Stack) failing(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Failed(w, r, status) })
}

// newRequestID returns 16 hexadecimal digits.
func newRequestID() string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], rand.Uint64()) //nolint:gosec // a name, not a secret
	return hex.EncodeToString(raw[:])
}
