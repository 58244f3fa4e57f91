// Package api is the REST API: it answers as Django REST Framework 3.14 does.
// routes.go has the table of what it serves; docs/api/differences.md lists
// where it differs from the reference on purpose.
package api

import (
	"log/slog"
	"net/http"

	"roster/internal/access"
	"roster/internal/httpkit"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// Options are what the API needs.
type Options struct {
	Users     *user.Users
	Tasks     *task.Tasks
	Schedules *periodic.Schedules
	Actor     func(*http.Request) access.Actor // says who sent the request
	PageSize  int                              // rows on a page, at least 1
	Pages     *httpkit.Pages
	Assets    *httpkit.Assets
	Version   string // of the binary, for the API documentation
	Log       *slog.Logger
}

// API serves the REST API and its documentation.
type API struct {
	Options
	kept keptPages
}

// New returns the API.
func New(o Options) *API { return &API{Options: o} }

// Register adds the API's routes and those of its documentation to the router.
func (a *API) Register(rt *httpkit.Router) error {
	for _, v := range a.views(a.routes()) {
		for _, path := range v.paths() {
			rt.Handle(path, v)
		}
	}
	documents, err := a.documents()
	if err != nil {
		return err
	}
	guard := httpkit.Guard{Pages: a.Pages, Actor: a.Actor, Log: a.Log}
	for _, line := range documents {
		rt.Handle(line.path, guard.Page(line.permission, line.handle))
	}
	return nil
}
