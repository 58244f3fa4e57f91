package httpkit

import (
	"net/http"
	"slices"
)

// CORS says which other origins' scripts may read answers, as
// django-cors-headers does with its defaults. Credentials are never allowed.
type CORS struct {
	AllowAll bool
	Origins  []string // exact, such as "https://app.example"
}

var (
	anyOrigin   = []string{"*"}
	varyOrigin  = []string{"origin"}
	corsMethods = []string{"DELETE, GET, OPTIONS, PATCH, POST, PUT"}
	corsHeaders = []string{"accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with"}
	corsMaxAge  = []string{"86400"}
)

// middleware answers every preflight itself, for any path, and marks the
// other answers for the origins that may read them.
func (c CORS) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		preflight := r.Method == http.MethodOptions && r.Header["Access-Control-Request-Method"] != nil
		if c.enabled() || preflight {
			c.mark(w.Header(), r)
		}
		if preflight {
			h := w.Header()
			h["Content-Type"] = contentHTML
			h["Content-Length"] = zeroLength
			w.WriteHeader(http.StatusOK)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c CORS) enabled() bool { return c.AllowAll || len(c.Origins) > 0 }

func (c CORS) mark(h http.Header, r *http.Request) {
	h["Vary"] = varyOrigin
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return
	case c.AllowAll:
		h["Access-Control-Allow-Origin"] = anyOrigin
	case slices.Contains(c.Origins, origin):
		h["Access-Control-Allow-Origin"] = []string{origin}
	default:
		return
	}
	if r.Method == http.MethodOptions {
		h["Access-Control-Allow-Methods"] = corsMethods
		h["Access-Control-Allow-Headers"] = corsHeaders
		h["Access-Control-Max-Age"] = corsMaxAge
	}
}

// protect refuses requests that change something when a browser sends them
// from a page of another origin that may not read the answers either.
func (c CORS) protect(next, refuse http.Handler) (http.Handler, error) {
	if c.AllowAll {
		return next, nil
	}
	guard := http.NewCrossOriginProtection()
	for _, origin := range c.Origins {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	guard.SetDenyHandler(refuse)
	return guard.Handler(next), nil
}
