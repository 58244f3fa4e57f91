package httpkit

import (
	"context"
	"net/http"
	"sync"

	"roster/internal/lang"
)

// Request is what is known about a request before it is routed.
type Request struct {
	ID     string // in logs and in the header X-Request-Id of the response; a trusted proxy may give it
	Scheme string // "http" or "https", as the client sees it
	Host   string // the Host header as the client sent it; valid by the time a handler runs
	Client string // the IP address of the client, "" if unknown; see Proxies
	Prefix string // of all paths, as the client sees them, such as "/roster"; mostly ""
	// Proxied says that a trusted proxy sent the request.
	Proxied bool
}

// Base returns the absolute address of the site without a final slash.
func (i *Request) Base() string { return i.Scheme + "://" + i.Host + i.Prefix }

type requestKey struct{}

// requestContext is a context with the Request. A type of its own saves the
// allocations of context.WithValue on every request.
type requestContext struct {
	context.Context

	request Request
	header  [1]string // the value of X-Request-Id
	route   string    // the pattern that matched the path; "" for none
	values  pathValues
	csrf    *CSRF          // nil outside CSRF.Protect
	visitor func() Visitor // nil for none; see WithVisitor
	account string         // of the actor, \"\" for none
	body    body

	headers   http.Header
	languages languages
	choose    sync.Once
	chosen    *lang.Language // by choose
}

// PathValue returns the value of a path variable, "" if the route has no such
// variable.
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

// setRoute records the pattern that matched and its values. They share the context
// of the request, because a map, as net/http uses, costs more than routing.
func setRoute(r *http.Request, route string, values pathValues) {
	if ctx, ok := contextOf(r.Context()); ok {
		ctx.route, ctx.values = route, values
		return
	}
	for _, v := range values.list[:values.n] {
		r.SetPathValue(v.name, v.text)
	}
}

// Value returns the context itself for requestKey, the language of the pages for
// lang.Key, and the parent's value otherwise.
func (c *requestContext) Value(key any) any {
	switch key {
	case requestKey{}:
		return c
	case lang.Key{}:
		return c.language()
	}
	return c.Context.Value(key)
}

// contextOf returns the requestContext that ctx derives from.
func contextOf(ctx context.Context) (*requestContext, bool) {
	found, ok := ctx.Value(requestKey{}).(*requestContext)
	return found, ok
}

// RequestOf returns what is known about the request. Without a Stack it derives
// from the fields of r alone.
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

// routeOf returns the pattern that matched the path, "" for none and without a
// Stack.
func routeOf(r *http.Request) string {
	if ctx, ok := contextOf(r.Context()); ok {
		return ctx.route
	}
	return ""
}

// RequestID returns the ID of the request that ctx belongs to, "" outside of
// requests.
func RequestID(ctx context.Context) string {
	if found, ok := contextOf(ctx); ok {
		return found.request.ID
	}
	return ""
}
