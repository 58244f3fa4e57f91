package httpkit

import (
	"log/slog"
	"net/http"

	"roster/internal/access"
	"roster/internal/fault"
)

// Handler answers one request on behalf of actor. When it returns an error it
// has written nothing.
type Handler func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// Guard joins handlers of pages to the rest: who is asking, what they must
// hold, and what an error looks like.
type Guard struct {
	Pages *Pages
	Actor func(*http.Request) access.Actor
	Log   *slog.Logger
}

// Page returns the handler of a page that is read with GET or HEAD by whoever
// holds the permission. Errors are answered with an HTML page.
func (g Guard) Page(permission access.Permission, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header()["Allow"] = []string{"GET, HEAD"}
			g.Pages.ErrorPage(w, r, http.StatusMethodNotAllowed)
			return
		}
		actor := g.Actor(r)
		err := actor.Check(permission)
		if err == nil {
			err = h(w, r, actor)
		}
		if err != nil {
			g.fail(w, r, err)
		}
	})
}

func (g Guard) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch fault.KindOf(err) {
	case fault.Invalid:
		status = http.StatusBadRequest
	case fault.NotFound:
		status = http.StatusNotFound
	case fault.Denied, fault.Unauthenticated:
		status = http.StatusForbidden
	case fault.Throttled:
		status = http.StatusTooManyRequests
	case fault.Unavailable:
		status = http.StatusServiceUnavailable
	}
	if status >= http.StatusInternalServerError {
		g.Log.ErrorContext(r.Context(), "page failed", "path", LoggedPath(r), "cause", err)
	}
	g.Pages.ErrorPage(w, r, status)
}

// NotFound answers with the 404 page.
func (p *Pages) NotFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ErrorPage(w, r, http.StatusNotFound) })
}
