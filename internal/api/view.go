package api

import (
	"net/http"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/httpkit"
)

// view serves a path of the API as an APIView of Django REST Framework does, in the
// same order: negotiation, authentication, permission, method, handler.
type view struct {
	api *API
	resource
	endpoint *httpkit.Endpoint
	allow    []string // the value of the header Allow
}

// views returns the paths of the table. OPTIONS and the methods that a path
// does not have need the permission of its first route.
func (a *API) views() (views []*view) {
	table := a.routes()
	for _, res := range resources() {
		v := &view{api: a, resource: res}
		var routes []httpkit.Route
		var methods []string
		for _, line := range table {
			if line.Path == res.path {
				routes, methods = append(routes, line), append(methods, line.Method)
			}
		}
		guard, door := routes[0].Permission, a.door
		if routes[0].Doc.Open {
			door.Actor = func(*http.Request) access.Actor { return access.Actor{} }
		}
		v.endpoint = door.Endpoints(append(routes,
			route(http.MethodOptions, res.path, guard, v.describe, httpkit.Operation{}),
			route("", res.path, guard, httpkit.RefuseMethod, httpkit.Operation{}),
		))[0]
		if slices.Contains(methods, http.MethodGet) {
			methods = append(methods, http.MethodHead)
		}
		v.allow = []string{strings.Join(append(methods, http.MethodOptions), ", ")}
		views = append(views, v)
	}
	return views
}

func (v *view) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Allow"] = v.allow
	if vary := h["Vary"]; vary == nil {
		h["Vary"] = varyAccept
	} else {
		h["Vary"] = []string{vary[0], "Accept"}
	}
	h["Cache-Control"] = noStore
	if httpkit.AcceptsGzip(r) {
		w = packing{w}
	}
	rendering, err := negotiate(r)
	switch {
	case err != nil:
	case rendering == (drf.Rendering{}):
		v.endpoint.ServeHTTP(w, r)
	default:
		err = v.render(w, r, rendering)
	}
	if err != nil {
		v.api.door.Fail(w, r, err)
	}
}

// can reports whether the path has a route for the method, and the actor may use it.
func (v *view) can(actor access.Actor, method string) bool {
	line, found := v.endpoint.Route(method)
	return found && line.Method == method && actor.Can(line.Permission)
}

// negotiate chooses the representation of the response.
func negotiate(r *http.Request) (drf.Rendering, error) {
	format := httpkit.PathValue(r, "format")
	if format == "" && r.URL.RawQuery != "" {
		format = drf.FormatOf(r.URL.RawQuery)
	}
	return drf.Negotiate(r.Header["Accept"], format)
}
