package httpkit

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Router finds the handler for a path as Django's URL resolver does. Unlike
// http.ServeMux it does not clean paths and ignores the method, and it redirects
// (301) a path that only lacks its final slash. Add all routes before the first
// request.
type Router struct {
	exact    map[string]http.Handler
	patterns []pattern
	notFound http.Handler
}

// NewRouter returns a router that passes requests without a match to notFound.
func NewRouter(notFound http.Handler) *Router {
	return &Router{exact: map[string]http.Handler{}, notFound: notFound}
}

// Handle adds a route. In a pattern, "{name}" matches one or more characters
// except "/" and ".", "{name.}" one or more of a-z and 0-9, and a final
// "{name...}" the rest; PathValue returns the matches. Exact paths take
// precedence over patterns, earlier patterns over later ones.
func (rt *Router) Handle(path string, h http.Handler) {
	if strings.Contains(path, "{") {
		rt.patterns = append(rt.patterns, newPattern(path, h))
		return
	}
	rt.exact[path] = h
}

// Paths returns the paths and patterns of all routes, sorted.
func (rt *Router) Paths() []string {
	paths := slices.Collect(maps.Keys(rt.exact))
	for _, p := range rt.patterns {
		paths = append(paths, p.path)
	}
	slices.Sort(paths)
	return paths
}

// ServeHTTP calls the handler of the route.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h, route, values := rt.find(r.URL.Path); h != nil {
		setRoute(r, route, values)
		h.ServeHTTP(w, r)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/") {
		if h, route, values := rt.find(r.URL.Path + "/"); h != nil {
			setRoute(r, route, values)
			redirectToSlash(w, r)
			return
		}
	}
	rt.notFound.ServeHTTP(w, r)
}

func (rt *Router) find(path string) (h http.Handler, route string, values pathValues) {
	if h, ok := rt.exact[path]; ok {
		return h, path, pathValues{}
	}
	for i := range rt.patterns {
		if values, ok := rt.patterns[i].match(path); ok {
			return rt.patterns[i].handler, rt.patterns[i].path, values
		}
	}
	return nil, "", pathValues{}
}

// redirectToSlash answers as Django's CommonMiddleware with APPEND_SLASH: a
// relative Location with the unchanged query, and no body.
func redirectToSlash(w http.ResponseWriter, r *http.Request) {
	target := (&url.URL{Path: r.URL.Path + "/"}).EscapedPath()
	if strings.HasPrefix(target, "//") { // another host, to a browser
		target = "/%2F" + target[2:]
	}
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	h := w.Header()
	h["Location"] = []string{target}
	h["Content-Type"] = contentHTML
	h["Content-Length"] = zeroLength
	w.WriteHeader(http.StatusMovedPermanently)
}
