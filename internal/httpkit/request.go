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

// requestContext is a context that knows its request. A type of its own saves
// the allocations of context.WithValue on every request.
type requestContext struct {
	context.Context

	request Request
	header  [1]string // the value of X-Request-Id
}

// Value returns the request, or what the parent has.
func (c *requestContext) Value(key any) any {
	if key == (requestKey{}) {
		return &c.request
	}
	return c.Context.Value(key)
}

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
