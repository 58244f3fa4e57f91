package api

import (
	"net/http"
	"net/url"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/httpkit"
)

// showIndex answers GET /api/: where the resources are. A format suffix and
// the format parameter are passed on to the links.
func (a *API) showIndex(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	info := httpkit.RequestOf(r)
	path := "/api/users/"
	if format := httpkit.PathValue(r, "format"); format != "" {
		path = "/api/users." + format
	}
	if format := drf.FormatOf(r.URL.RawQuery); format != "" {
		path += "?format=" + url.QueryEscape(format)
	}
	body := appendString([]byte(`{"users":`), info.Scheme+"://"+info.Host+path)
	return respond(w, http.StatusOK, append(body, '}'))
}
