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
	Client string // the IP address of the client, as far as the proxies between can be trusted
}

type requestKey struct{}

// requestContext is a context that knows its request. A type of its own saves
// the allocations of context.WithValue on every request.
type requestContext struct {
	context.Context

	request Request
	header  [1]string // the value of X-Request-Id
	route   string    // the pattern that matched the path; "" when none has
	values  pathValues
	csrf    *CSRF // nil where nothing can be sent
}

// PathValue returns what the variable of that name matched in the path, ""
// when there is none.
func PathValue(r *http.Request, name string) string {
	ctx, ok := contextOf(r.Context())
	if !ok {
		return r.PathValue(name)
	}
	for _, v := range ctx.values.list[:ctx.values.n] {
		if v.name == name {
			return v.text
		}
	}
	return ""
}

// setRoute keeps the pattern that matched and the values with what else is known
// of the request: a map of their own, as net/http makes, costs more than finding
// the route.
func setRoute(r *http.Request, route string, values pathValues) {
	if ctx, ok := contextOf(r.Context()); ok {
		ctx.route, ctx.values = route, values
		return
	}
	for _, v := range values.list[:values.n] {
		r.SetPathValue(v.name, v.text)
	}
}

// Value returns the context itself, or what the parent has.
func (c *requestContext) Value(key any) any {
	if key == (requestKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// contextOf finds the request's context below those derived from it.
func contextOf(ctx context.Context) (*requestContext, bool) {
	found, ok := ctx.Value(requestKey{}).(*requestContext)
	return found, ok
}

// RequestOf returns what is known of the request; for one that did not come
// through a Stack, what its own fields tell.
func RequestOf(r *http.Request) *Request {
	if ctx, ok := contextOf(r.Context()); ok {
		return &ctx.request
	}
	info := &Request{Scheme: "http", Host: r.Host, Client: peerOf(r.RemoteAddr)}
	if r.TLS != nil {
		info.Scheme = "https"
	}
	return info
}

// routeOf returns the pattern that matched the path of a request that came
// through a Stack, "" when none has.
func routeOf(r *http.Request) string {
	if ctx, ok := contextOf(r.Context()); ok {
		return ctx.route
	}
	return ""
}

// RequestID returns the id of the request that ctx belongs to, "" outside of one.
func RequestID(ctx context.Context) string {
	if found, ok := contextOf(ctx); ok {
		return found.request.ID
	}
	return ""
}
