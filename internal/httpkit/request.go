package httpkit

import (
	"context"
	"net/http"
)

// Request is what was found out about a request before it was routed.
type Request struct {
	ID     string // names the request in logs and in the answer's X-Request-Id
	Scheme string // "http" or "https", as the client sees it
	Host   string // the Host header as the client sent it; valid by the time a handler runs
}

type requestKey struct{}

// RequestOf returns what is known of the request; for one that did not come
// through a Stack, what its own fields tell.
func RequestOf(r *http.Request) *Request {
	if info, ok := r.Context().Value(requestKey{}).(*Request); ok {
		return info
	}
	info := &Request{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		info.Scheme = "https"
	}
	return info
}

// RequestID returns the id of the request that ctx belongs to, "" outside of one.
func RequestID(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*Request); ok {
		return info.ID
	}
	return ""
}
