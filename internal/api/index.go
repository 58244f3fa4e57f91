package api

import (
	"net/http"
	"net/url"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/form"
	"roster/internal/httpkit"
)

// showIndex answers GET /api/ with the URLs of the resources. The link to the users
// keeps a format suffix or parameter. Tasks and schedules need their permission.
func (a *API) showIndex(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	info := httpkit.RequestOf(r)
	path := "/api/users/"
	if format := httpkit.PathValue(r, "format"); format != "" {
		path = "/api/users." + format
	}
	if format := drf.FormatOf(r.URL.RawQuery); format != "" {
		path += "?format=" + url.QueryEscape(format)
	}
	origin := info.Base()
	body := form.AppendString([]byte(`{"users":`), origin+path)
	if actor.Can(access.Schedules.View()) {
		body = form.AppendString(append(body, `,"tasks":`...), origin+"/api/tasks/")
		body = form.AppendString(append(body, `,"schedules":`...), origin+"/api/schedules/")
	}
	if actor.ID() != 0 {
		body = form.AppendString(append(body, `,"tokens":`...), origin+"/api/tokens/")
	}
	return respond(w, http.StatusOK, append(body, '}'))
}
