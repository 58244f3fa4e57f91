package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"roster/internal/api/decode"
	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Header values that answers share. They are never changed.
var (
	contentJSON = []string{"application/json"}
	noStore     = []string{"no-store"}
	varyAccept  = []string{"Accept"}
)

// shortAnswer is how long an answer may be for net/http to find out its
// length by itself.
const shortAnswer = 2048

// respond writes a JSON answer.
func respond(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h["Content-Type"] = contentJSON
	if len(body) >= shortAnswer {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON, not HTML; and a client that went away cannot be told
	return nil
}

// statuses are the kinds of errors that are shown with their message.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.NotFound:        http.StatusNotFound,
	fault.Unauthenticated: http.StatusForbidden, // no WWW-Authenticate to offer, as with session authentication
	fault.Denied:          http.StatusForbidden,
	fault.Conflict:        http.StatusConflict,
	fault.Outdated:        http.StatusPreconditionFailed,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.Unprocessable:   http.StatusUnprocessableEntity,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Full:            http.StatusInsufficientStorage,
}

// renderError answers any error of a handler. What is not meant for the
// caller is logged and answered with a plain 500.
func (a *API) renderError(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, decode.ErrTooManyFields) {
		a.Pages.ErrorPage(w, r, http.StatusBadRequest)
		return
	}
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		a.Log.DebugContext(r.Context(), "client went away", "method", r.Method, "path", httpkit.LoggedPath(r))
		_ = respond(w, http.StatusServiceUnavailable, detail("The request was cancelled."))
		return
	}
	status, body := describeError(err)
	if status >= http.StatusInternalServerError {
		a.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", httpkit.LoggedPath(r), "status", status, "cause", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header()["Retry-After"] = []string{"1"}
	}
	httpkit.SetRetryAfter(w.Header(), err)
	_ = respond(w, status, body)
}

// RefuseForm answers a request that comes with a cookie and without its token,
// as Django REST Framework's SessionAuthentication does.
func RefuseForm(w http.ResponseWriter, _ *http.Request) {
	_ = respond(w, http.StatusForbidden, detail("CSRF Failed: CSRF token missing."))
}

// describeError returns the status and the JSON for an error, in the shapes of
// Django REST Framework's exception handler.
func describeError(err error) (int, []byte) {
	if e, ok := errors.AsType[methodError](err); ok {
		return http.StatusMethodNotAllowed, detail(e.Error())
	}
	if errors.Is(err, drf.ErrNotAcceptable) {
		return http.StatusNotAcceptable, detail(drf.ErrNotAcceptable.Error())
	}
	e, ok := errors.AsType[*fault.Error](err)
	status, known := statuses[fault.KindOf(err)]
	switch {
	case !ok || !known:
		return http.StatusInternalServerError, detail("A server error occurred.")
	case len(e.Fields) > 0:
		return status, appendFields(nil, e.Fields)
	}
	return status, detail(e.Message)
}

func detail(message string) []byte {
	return append(appendString([]byte(`{"detail":`), message), '}')
}

func appendFields(b []byte, fields fault.Fields) []byte {
	b = append(b, '{')
	for i, field := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, field.Name), ':', '[')
		for j, message := range field.Messages {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendString(b, message)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}
