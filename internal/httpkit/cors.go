package httpkit

import (
	"net/http"
	"slices"
	"strings"
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
	corsExposed = []string{"etag, location, retry-after, x-request-id"}
)

// corsAsked are the headers of requests that are allowed when a preflight asks
// for them, beyond those of django-cors-headers.
var corsAsked = []string{"idempotency-key", "if-match", "if-none-match"}

// normalized returns the settings with origins as browsers send them: without
// the default port.
func (c CORS) normalized() CORS {
	origins := make([]string, len(c.Origins))
	for i, origin := range c.Origins {
		switch {
		case strings.HasPrefix(origin, "https://"):
			origin = strings.TrimSuffix(origin, ":443")
		case strings.HasPrefix(origin, "http://"):
			origin = strings.TrimSuffix(origin, ":80")
		}
		origins[i] = origin
	}
	c.Origins = origins
	return c
}

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
	if r.Method != http.MethodOptions {
		h["Access-Control-Expose-Headers"] = corsExposed
		return
	}
	h["Access-Control-Allow-Methods"] = corsMethods
	h["Access-Control-Allow-Headers"] = allowedHeaders(r)
	h["Access-Control-Max-Age"] = corsMaxAge
}

// allowedHeaders returns the headers that the request of a preflight may have.
func allowedHeaders(r *http.Request) []string {
	asked := strings.ToLower(strings.Join(r.Header["Access-Control-Request-Headers"], ","))
	allowed := corsHeaders[0]
	for name := range strings.SplitSeq(asked, ",") {
		if name = strings.TrimSpace(name); slices.Contains(corsAsked, name) && !strings.Contains(allowed, name) {
			allowed += ", " + name
		}
	}
	return []string{allowed}
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
