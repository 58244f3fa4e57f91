package api

import (
	"net/http"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// view is a path with all its methods. It answers as an APIView of Django
// REST Framework does, in the same order: negotiation, who is asking,
// permission, method, and only then the handler.
type view struct {
	api *API
	resource
	routes map[string]route
	allow  []string // the value of the header Allow
	guard  access.Permission
}

// views gathers the lines of the table by path.
func (a *API) views(table []route) []*view {
	var views []*view
	for _, res := range resources() {
		v := &view{api: a, resource: res, routes: map[string]route{}}
		var methods []string
		for _, line := range table {
			if line.path == res.path {
				v.routes[line.method] = line
				methods = append(methods, line.method)
			}
		}
		v.guard = v.routes[methods[0]].permission // GET comes first where there is one
		v.allow = []string{strings.Join(append(methods, "HEAD", "OPTIONS"), ", ")}
		views = append(views, v)
	}
	return views
}

// paths are the view's own and those with a format suffix.
func (v *view) paths() []string { return slices.Concat([]string{v.path}, v.suffixes) }

func (v *view) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Allow"] = v.allow
	if vary := h["Vary"]; vary == nil {
		h["Vary"] = varyAccept
	} else {
		h["Vary"] = []string{vary[0], "Accept"}
	}
	h["Cache-Control"] = noStore
	rendering, err := negotiate(r)
	if err != nil {
		v.api.renderError(w, r, err)
		return
	}
	if rendering == (drf.Rendering{}) {
		v.answer(w, r)
		return
	}
	if err := v.render(w, r, rendering); err != nil {
		v.api.renderError(w, r, err)
	}
}

// answer writes the JSON answer, or the error's.
func (v *view) answer(w http.ResponseWriter, r *http.Request) {
	actor := v.api.Actor(r)
	handle, permission := v.find(r.Method)
	err := actor.Check(permission)
	if err == nil {
		err = handle(w, r, actor)
	}
	if err != nil {
		v.api.renderError(w, r, err)
	}
}

func (v *view) find(method string) (httpkit.Handler, access.Permission) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if line, ok := v.routes[method]; ok {
		return line.handle, line.permission
	}
	if method == http.MethodOptions {
		return v.describe, v.guard
	}
	return refuseMethod, v.guard
}

func refuseMethod(_ http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return methodError{r.Method}
}

// methodError is the answer 405.
type methodError struct{ method string }

func (e methodError) Error() string { return `Method "` + e.method + `" not allowed.` }

// negotiate says how the answer is to look.
func negotiate(r *http.Request) (drf.Rendering, error) {
	format := httpkit.PathValue(r, "format")
	if format == "" && r.URL.RawQuery != "" {
		format = drf.FormatOf(r.URL.RawQuery)
	}
	return drf.Negotiate(r.Header["Accept"], format)
}

// errNoRow is the answer for ids that no row can have.
var errNoRow = fault.New(fault.NotFound, "Not found.")
