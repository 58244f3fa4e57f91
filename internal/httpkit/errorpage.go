package httpkit

import (
	"errors"
	"log/slog"
	"net/http"

	"roster/internal/access"
	"roster/internal/fault"
)

// errorText says in plain words what a status means for the reader.
type errorText struct{ Title, Text string }

// errorTexts holds the statuses that are met in a browser.
var errorTexts = map[int]errorText{
	http.StatusBadRequest:            {"Bad request", "The server could not make sense of this request. Check the address, or go back and try again."},
	http.StatusForbidden:             {"Access denied", "You do not have permission to see this page."},
	http.StatusNotFound:              {"Page not found", "There is nothing at this address. It may have been moved or deleted, or the address may contain a typing error."},
	http.StatusMethodNotAllowed:      {"Method not allowed", "This address does not take that kind of request."},
	http.StatusRequestEntityTooLarge: {"Too large", "What was sent is larger than the server accepts. Send less at once and try again."},
	http.StatusTooManyRequests:       {"Too many requests", "There were too many requests of this kind in a short time. Please wait a little before the next."},
	http.StatusInternalServerError:   {"Something went wrong", "The server met an unexpected error, which has been logged. Trying again later may help."},
	http.StatusServiceUnavailable:    {"Temporarily unavailable", "The service cannot answer at the moment. Please try again in a little while."},
}

// errorView is what the error page shows.
type errorView struct {
	errorText

	Status    int
	RequestID string
}

// ErrorPage answers with a page that explains the status, and names the
// request by the X-Request-Id header of the answer if there is one. Nothing
// else about the request or the failure is shown. A status without a text of
// its own is explained by its name.
func (p *Pages) ErrorPage(w http.ResponseWriter, r *http.Request, status int) {
	text, known := errorTexts[status]
	if !known {
		text = errorText{Title: http.StatusText(status), Text: "The server could not do what was asked."}
	}
	p.explain(w, r, status, text)
}

// RefuseSender is ErrorPage for a request whose sender is refused before anybody
// looks at what is asked for: 400 means an unknown host, 403 another site's page.
func (p *Pages) RefuseSender(w http.ResponseWriter, r *http.Request, status int) {
	switch status {
	case http.StatusBadRequest:
		p.explain(w, r, status, errorText{
			errorTexts[status].Title,
			"Nothing is served under the host name of this address. Whoever runs the server lists its names in the setting ALLOWED_HOSTS.",
		})
	case http.StatusForbidden:
		p.explain(w, r, status, errorText{
			errorTexts[status].Title,
			"Nothing was changed: a page of another site sent this request. Whoever runs the server lists the sites that may in the setting CORS_ALLOWED_ORIGINS.",
		})
	default:
		p.ErrorPage(w, r, status)
	}
}

// RefuseForm answers 403 to a form whose token is missing or not the
// visitor's, and says what to do about it.
func (p *Pages) RefuseForm(w http.ResponseWriter, r *http.Request) {
	p.explain(w, r, http.StatusForbidden, errorText{
		"This form has expired",
		"Nothing was changed. Open the page again and send the form once more; this happens when cookies were deleted or are blocked.",
	})
}

// Door returns a door whose errors are pages.
func (p *Pages) Door(actor func(*http.Request) access.Actor, log *slog.Logger) Door {
	return Door{Actor: actor, Log: log, Render: p.renderError}
}

// renderError answers with the page of the status. The page of a conflict shows
// the message of the error.
func (p *Pages) renderError(w http.ResponseWriter, r *http.Request, status int, err error) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || status != http.StatusConflict {
		p.ErrorPage(w, r, status)
		return
	}
	p.explain(w, r, status, errorText{"This cannot be done", "Nothing was changed. " + e.Message})
}

// NotFound answers with the 404 page.
func (p *Pages) NotFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ErrorPage(w, r, http.StatusNotFound) })
}

func (p *Pages) explain(w http.ResponseWriter, r *http.Request, status int, text errorText) {
	view := errorView{errorText: text, Status: status, RequestID: w.Header().Get("X-Request-Id")}
	if err := p.Render(w, r, status, "error", view); err != nil {
		http.Error(w, text.Title, status)
	}
}
