// Package httpkit is the HTTP layer that all doors share: the server and its
// limits, middleware, routing, permission checks, pages, static files and CSRF
// protection. Doors add tables of routes.
package httpkit

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"roster/internal/lang"
	"roster/internal/metrics"
	"roster/internal/tracing"
)

// Stack is the middleware around the router.
type Stack struct {
	Log     *slog.Logger
	Proxies Proxies
	Hosts   Hosts
	Prefix  string // that a proxy strips from paths, see ValidPrefix; "": as X-Forwarded-Prefix of a trusted proxy says
	// Local says that only this machine can connect. Then requests of pages under
	// other host names are refused, because any name can be made to resolve to
	// this machine (DNS rebinding).
	Local   bool
	CORS    CORS
	MaxBody int64           // bytes of one request
	Memory  int64           // bytes of all bodies that are being read or handled; 0: no limit
	Pressed func(many bool) // called when bodies begin or cease to take a quarter of Memory; may be nil
	Metrics *metrics.HTTP   // may be nil
	Traces  *tracing.Tracer // may be nil
	// Languages has the languages of pages; nil: English.
	Languages *lang.Catalog
	// Failed answers with that status: 400 for a bad host, 403 for a request from
	// another origin, 405 for CONNECT, 429 for a client with too many requests, 500 for a panic.
	Failed func(w http.ResponseWriter, r *http.Request, status int)
	// Clients adds the address and the account to the log line of a request.
	Clients bool
	// Exempt paths are those of probes: they are served for every Host header, and
	// logged at level DEBUG unless they fail.
	Exempt []string

	bodies *Bodies
}

// Wrap returns next behind the stack. It fails for an invalid CORS origin.
func (s Stack) Wrap(next http.Handler) (http.Handler, error) {
	s.CORS = s.CORS.normalized()
	guarded, err := s.CORS.protect(next, s.failing(http.StatusForbidden))
	if err != nil {
		return nil, err
	}
	s.bodies = newBodies(s.Memory, s.Pressed)
	return s.record(s.limitClients(s.CORS.middleware(s.checkHost(guarded)))), nil
}

// describe attaches the Request, and sets the headers of every response.
func (s Stack) describe(parent context.Context, w http.ResponseWriter, r *http.Request, now time.Time) (*http.Request, *requestContext) {
	ctx := &requestContext{Context: parent, request: s.Proxies.describe(r), headers: r.Header, languages: languages{s.Languages}}
	h := w.Header()
	if ctx.request.ID == "" {
		ctx.request.ID = newRequestID()
	}
	ctx.header[0] = ctx.request.ID
	secure(h, ctx.request.Scheme)
	h["X-Request-Id"] = ctx.header[:]
	r = r.WithContext(ctx)
	r.Host = ctx.request.Host // which the origin check compares
	ctx.request.Prefix = s.prefixOf(r, &ctx.request)
	strip(r, ctx.request.Prefix)
	s.receive(ctx, w, r, now)
	return r, ctx
}

func (s Stack) checkHost(next http.Handler) http.Handler {
	exempt := make(map[string]bool, len(s.Exempt))
	for _, path := range s.Exempt {
		exempt[path] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodConnect: // for proxies; its target is no path
			w.Header()["Allow"] = anyMethod
			s.Failed(w, r, http.StatusMethodNotAllowed)
		case !exempt[r.URL.Path] && !s.allows(r):
			s.Failed(w, r, http.StatusBadRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// allows reports whether a request for its host may be served.
func (s Stack) allows(r *http.Request) bool {
	host := RequestOf(r).Host
	return s.Hosts.Allow(host) && (!s.Local || !fromPage(r) || thisMachine.Allow(host))
}

func (s Stack) failing(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Failed(w, r, status) })
}

// newRequestID returns 16 hexadecimal digits.
func newRequestID() string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], rand.Uint64()) //nolint:gosec // a name, not a secret
	return hex.EncodeToString(raw[:])
}
