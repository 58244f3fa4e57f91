package httpkit

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"roster/internal/access"
)

// Door serves tables of routes: it identifies the actor, checks the permission
// of the route, and renders the errors of handlers.
type Door struct {
	Actor func(*http.Request) access.Actor // identifies the sender of a request
	Log   *slog.Logger
	// Render answers with the status that an error has. Status 500 stands for
	// errors whose text must not be shown.
	Render func(w http.ResponseWriter, r *http.Request, status int, err error)
	// Admit reports whether the actor may use a route of the door; when not, it
	// has answered the request. nil admits everyone.
	Admit func(w http.ResponseWriter, r *http.Request, actor access.Actor, route *Route) bool
	// Forms says that POST requests are forms: they are parsed before the handler.
	Forms   bool
	MaxBody int64 // bytes, where a route has no limit; 0: the limit of the stack
}

// Register adds routes to a router, one handler for each path.
func (d Door) Register(rt *Router, routes []Route) {
	for _, e := range d.Endpoints(routes) {
		rt.Handle(e.Path, e)
	}
}

// Endpoints groups routes by path, in the order of the table. Where two routes
// have the same method and path, the first one serves it.
func (d Door) Endpoints(routes []Route) (endpoints []*Endpoint) {
	byPath := map[string]*Endpoint{}
	for _, route := range routes {
		e := byPath[route.Path]
		if e == nil {
			e = &Endpoint{Path: route.Path, door: d}
			byPath[route.Path], endpoints = e, append(endpoints, e)
		}
		e.routes = append(e.routes, route)
	}
	return endpoints
}

// Fail answers with an error. Failures of the server are logged with their
// cause, requests of clients that went away are not failures.
func (d Door) Fail(w http.ResponseWriter, r *http.Request, err error) {
	status := StatusOf(err)
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		d.Log.DebugContext(r.Context(), "client went away", "method", r.Method, "path", LoggedPath(r))
		status, err = http.StatusServiceUnavailable, &StatusError{http.StatusServiceUnavailable, "The request was cancelled."}
	case status >= http.StatusInternalServerError:
		d.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", LoggedPath(r), "status", status, "cause", err)
	}
	SetRetryAfter(w.Header(), err)
	if status == http.StatusUnauthorized && w.Header()["Www-Authenticate"] == nil {
		w.Header()["Www-Authenticate"] = []string{`Bearer error="invalid_token"`} // RFC 6750, 3
	}
	d.Render(w, r, status, err)
}

// Endpoint is a path with the routes that serve its methods.
type Endpoint struct {
	Path string

	door   Door
	routes []Route
}

// Route returns the route that serves a method, false when there is none.
func (e *Endpoint) Route(method string) (*Route, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, candidate := range []string{method, ""} {
		for i := range e.routes {
			if e.routes[i].Method == candidate {
				return &e.routes[i], true
			}
		}
	}
	return nil, false
}

// ServeHTTP answers with the route of the method: 405 when there is none, the
// error of the permission when the actor does not hold it, and the handler's
// answer or error otherwise.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, found := e.Route(r.Method)
	if !found {
		w.Header()["Allow"] = []string{strings.Join(e.methods(), ", ")}
		e.door.Fail(w, r, RefuseMethod(w, r, access.Actor{}))
		return
	}
	actor := e.door.Actor(r)
	if ctx, ok := contextOf(r.Context()); ok {
		ctx.account = actor.Name()
	}
	if e.door.Admit != nil && !e.door.Admit(w, r, actor, route) {
		return
	}
	err := actor.Check(route.Permission)
	if err == nil {
		err = e.door.open(r, route)
	}
	if err == nil {
		err = route.Handle(w, r, actor)
	}
	if err != nil {
		e.door.Fail(w, r, err)
	}
}

// open limits the body of a request, and parses it if it is a form.
func (d Door) open(r *http.Request, route *Route) error {
	limit := route.MaxBody
	if limit == 0 {
		limit = d.MaxBody
	}
	limitBody(r, limit)
	if d.Forms && r.Method == http.MethodPost {
		return parseForm(r)
	}
	return nil
}

// methods are those that the path has.
func (e *Endpoint) methods() (methods []string) {
	for _, route := range e.routes {
		methods = append(methods, route.Method)
	}
	if get := slices.Index(methods, http.MethodGet); get >= 0 {
		methods = slices.Insert(methods, get+1, http.MethodHead)
	}
	return methods
}

// RefuseMethod is the handler of methods that a path does not have. Its error
// is that of Django REST Framework.
func RefuseMethod(_ http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return &StatusError{http.StatusMethodNotAllowed, `Method "` + r.Method + `" not allowed.`}
}

// Redirect answers with a redirect to an address of this site.
func Redirect(w http.ResponseWriter, status int, target string) error {
	h := w.Header()
	h["Location"] = []string{target}
	h["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(status)
	return nil
}
