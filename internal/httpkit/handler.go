package httpkit

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"

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
			g.Fail(w, r, err)
		}
	})
}

// statuses are the kinds of errors that a page explains, but for conflicts.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.NotFound:        http.StatusNotFound,
	fault.Denied:          http.StatusForbidden,
	fault.Unauthenticated: http.StatusForbidden,
	fault.Outdated:        http.StatusPreconditionFailed,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.Unprocessable:   http.StatusUnprocessableEntity,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Full:            http.StatusInsufficientStorage,
}

// Fail answers with the HTML page for an error that a handler returned.
func (g Guard) Fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	if kind == fault.Conflict {
		g.Pages.refuse(w, r, err)
		return
	}
	status, known := statuses[kind]
	if !known {
		status = http.StatusInternalServerError
	}
	if status >= http.StatusInternalServerError {
		g.Log.ErrorContext(r.Context(), "page failed", "path", LoggedPath(r), "cause", err)
	}
	SetRetryAfter(w.Header(), err)
	g.Pages.ErrorPage(w, r, status)
}

// SetRetryAfter says when to ask again, if err knows, in whole seconds (RFC 9110, 10.2.3).
func SetRetryAfter(h http.Header, err error) {
	if wait := fault.RetryAfter(err); wait > 0 {
		h["Retry-After"] = []string{strconv.FormatInt(int64(math.Ceil(wait.Seconds())), 10)}
	}
}

// NotFound answers with the 404 page.
func (p *Pages) NotFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ErrorPage(w, r, http.StatusNotFound) })
}
