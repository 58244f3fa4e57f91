package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/internal/api/decode"
	"roster/internal/api/drf"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
)

// Header values that responses share. They are never changed.
var (
	contentJSON = []string{"application/json"}
	contentGzip = []string{"gzip"}
	noStore     = []string{"no-store"}
	varyAccept  = []string{"Accept"}
)

// shortAnswer is the length up to which net/http sets Content-Length itself.
const shortAnswer = 2048

// respond writes a JSON response.
func respond(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	if packs(w, len(body)) {
		markPacked(h)
		body = httpkit.Gzip(body)
	}
	h["Content-Type"] = contentJSON
	if len(body) >= shortAnswer {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON, not HTML; an error means that the client has gone away
	return nil
}

// packing is a response to a client that accepts gzip.
type packing struct{ http.ResponseWriter }

// packs reports whether a response of that length is to be compressed. One with an
// entity tag is not: the tag belongs to the plain bytes.
func packs(w http.ResponseWriter, length int) bool {
	if u, ok := w.(untagged); ok {
		w = u.ResponseWriter
	} else if w.Header()["Etag"] != nil {
		return false
	}
	_, ok := w.(packing)
	return ok && length >= httpkit.MinCompressed
}

// markPacked sets the headers of a compressed response.
func markPacked(h http.Header) {
	h["Content-Encoding"] = contentGzip
	h["Vary"] = []string{strings.Join(append(slices.Clone(h["Vary"]), "Accept-Encoding"), ", ")}
}

// renderError answers with an error in the shapes of Django REST Framework's
// exception handler, and with its HTML page where Django refuses a form.
func (a *API) renderError(w http.ResponseWriter, r *http.Request, status int, err error) {
	if errors.Is(err, decode.ErrTooManyFields) {
		a.Pages.ErrorPage(w, r, status)
		return
	}
	if h := w.Header(); status == http.StatusServiceUnavailable && h["Retry-After"] == nil {
		h["Retry-After"] = []string{"1"}
	}
	_ = respond(w, status, errorBody(status, err))
}

// AsksJSON reports whether the client of a request that no route has served wants
// JSON: a client of the API, unless it prefers HTML, or one that names JSON.
func AsksJSON(r *http.Request) bool {
	accept := strings.Join(r.Header["Accept"], ",")
	if !strings.HasPrefix(r.URL.Path, "/api/") && !strings.Contains(accept, "json") {
		return false
	}
	rendering, err := drf.Negotiate(r.Header["Accept"], "")
	return err != nil || !rendering.HTML
}

// Refuse answers with an error as JSON.
func Refuse(w http.ResponseWriter, status int, err error) {
	httpkit.SetRetryAfter(w.Header(), err)
	_ = respond(w, status, errorBody(status, err))
}

// RefuseForm answers a request without a CSRF token as Django REST Framework's
// SessionAuthentication does.
func RefuseForm(w http.ResponseWriter, _ *http.Request) {
	_ = respond(w, http.StatusForbidden, detail("CSRF Failed: CSRF token missing."))
}

// errorBody returns the JSON for an error.
func errorBody(status int, err error) []byte {
	if status == http.StatusInternalServerError {
		return detail("A server error occurred.")
	}
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return detail(err.Error())
	case len(e.Fields) > 0:
		return appendFields(nil, e.Fields)
	}
	if why, ok := errors.AsType[*auth.JWTError](e); ok {
		return jwtErrorBody(e, why)
	}
	return detail(e.Message)
}

func detail(message string) []byte {
	return append(form.AppendString([]byte(`{"detail":`), message), '}')
}

func appendFields(b []byte, fields fault.Fields) []byte {
	b = append(b, '{')
	for i, field := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(form.AppendString(b, field.Name), ':', '[')
		for j, message := range field.Messages {
			if j > 0 {
				b = append(b, ',')
			}
			b = form.AppendString(b, message)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}
