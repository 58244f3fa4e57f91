// Package api is the REST API. It behaves as Django REST Framework 3.14.
// routes.go is the table of its routes; docs/api/differences.md lists intentional
// differences from the reference.
package api

import (
	"log/slog"
	"net/http"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// Options are the dependencies of the API.
type Options struct {
	Users     *user.Users
	Trash     *user.Trash
	Tasks     *task.Tasks
	Schedules *periodic.Schedules
	Tokens    *auth.APITokens
	JWTs      *auth.JWTs
	Actor     func(*http.Request) access.Actor // identifies the sender of a request
	Throttle  *httpkit.Throttle                // limits the requests; nil: no limit
	PageSize  int                              // rows on a page, at least 1
	Pages     *httpkit.Pages
	Assets    *httpkit.Assets
	Version   string // of the binary, for the API documentation
	Log       *slog.Logger
}

// API serves the REST API and its documentation.
type API struct {
	Options
	door httpkit.Door
	kept keptPages
}

// New returns the API.
func New(o Options) *API {
	a := &API{Options: o}
	a.door = httpkit.Door{Actor: o.Actor, Log: o.Log, Render: a.renderError, MaxBody: maxBody}
	if o.Throttle != nil {
		a.door.Admit = a.admit
	}
	return a
}

// admit counts a request, and refuses it when the sender has used up the quota.
func (a *API) admit(w http.ResponseWriter, r *http.Request, actor access.Actor, route *httpkit.Route) bool {
	err := a.Throttle.Check(r.Context(), w.Header(), httpkit.RequestOf(r).Client, actor, route.Permission)
	if err != nil {
		a.door.Fail(w, r, err)
	}
	return err == nil
}

// Register adds the API's routes and those of its documentation to the router.
func (a *API) Register(rt *httpkit.Router) error {
	for _, v := range a.views() {
		rt.Handle(v.path, v)
		for _, path := range v.suffixes {
			rt.Handle(path, v)
		}
	}
	documents, err := a.documents()
	if err != nil {
		return err
	}
	a.Pages.Door(a.Actor, a.Log).Register(rt, documents)
	return nil
}
