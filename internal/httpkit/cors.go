package httpkit

import (
	"net/http"
	"slices"
)

// CORS lists the origins whose scripts may read responses. It behaves as
// django-cors-headers with its defaults. Credentials are never allowed.
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

// middleware answers preflight requests for every path, and adds the CORS headers
// to other responses.
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

// protect refuses unsafe requests that a browser sends from a page of an origin
// that is not allowed.
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
