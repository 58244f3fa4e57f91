package httpkit

import (
	"errors"
	"log/slog"
	"net/http"

	"roster/internal/access"
	"roster/internal/fault"
)

// errorText explains a status to the reader.
type errorText struct{ Title, Text string }

// errorTexts has the statuses that occur in a browser.
var errorTexts = map[int]errorText{
	http.StatusBadRequest:            {"Bad request", "The server could not understand this request. Check the address, or go back and try again."},
	http.StatusForbidden:             {"Access denied", "You do not have permission to see this page."},
	http.StatusNotFound:              {"Page not found", "There is no page at this address. It may have been moved or deleted, or the address may be misspelled."},
	http.StatusMethodNotAllowed:      {"Method not allowed", "This address does not support that kind of request."},
	http.StatusRequestTimeout:        {"Request timeout", "The request was sent too slowly. Check the connection and try again."},
	http.StatusRequestEntityTooLarge: {"Too large", "The request is larger than the server accepts. Send less data and try again."},
	http.StatusUnsupportedMediaType:  {"Unsupported media type", "The server cannot read a request in this form. A body with a Content-Encoding is not supported."},
	http.StatusTooManyRequests:       {"Too many requests", "There were too many requests of this kind in a short time. Please wait a moment and try again."},
	http.StatusInternalServerError:   {"Something went wrong", "An unexpected error occurred and has been logged. Please try again later."},
	http.StatusServiceUnavailable:    {"Temporarily unavailable", "The service is temporarily unavailable. Please try again in a moment."},
}

// errorView is the data of the error page.
type errorView struct {
	errorText

	Status    int
	Login     string // the address of the login, "" if it does not help
	RequestID string
}

// ErrorPage answers with a page that explains the status and shows the request
// ID, if the response has the header X-Request-Id. The page shows nothing else
// about the request or the failure.
func (p *Pages) ErrorPage(w http.ResponseWriter, r *http.Request, status int) {
	text, known := errorTexts[status]
	if !known {
		text = errorText{Title: http.StatusText(status), Text: "The server could not complete the request."}
	}
	if visitor := visitorOf(r).Name; status == http.StatusForbidden && visitor != "" {
		text.Text = "The account " + visitor + " does not have permission to see this page."
	}
	p.explain(w, r, status, text)
}

// RefuseSender is ErrorPage for requests that are refused before they are routed.
func (p *Pages) RefuseSender(w http.ResponseWriter, r *http.Request, status int) {
	text := errorTexts[status]
	text.Text = SenderText(status)
	p.explain(w, r, status, text)
}

// SenderText explains why a request was refused before it was routed: 400 for an
// unknown host, 403 for a page of another site.
func SenderText(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "This server does not serve this host name. Its administrator can add it to the setting ALLOWED_HOSTS."
	case http.StatusForbidden:
		return "Nothing was changed: this request came from a page of another site. The server's administrator can allow that site in the setting CORS_ALLOWED_ORIGINS."
	default:
		return errorTexts[status].Text
	}
}

// RefuseForm answers 403 to a form without a valid CSRF token.
func (p *Pages) RefuseForm(w http.ResponseWriter, r *http.Request) {
	p.explain(w, r, http.StatusForbidden, errorText{
		"This form has expired",
		"Nothing was changed. Reload the page and submit the form again. This happens when cookies were deleted or are blocked.",
	})
}

// maxForm is the maximum length of a form in bytes.
const maxForm = 1 << 20

// Door returns a door that renders errors as pages, and reads forms.
func (p *Pages) Door(actor func(*http.Request) access.Actor, log *slog.Logger) Door {
	return Door{Actor: actor, Log: log, Render: p.RenderError, Forms: true, MaxBody: maxForm}
}

// RenderError answers with the error page. The page of a conflict shows the
// message of the error; that for visitors who are not logged in has a link to the
// login, which returns to the page.
func (p *Pages) RenderError(w http.ResponseWriter, r *http.Request, status int, err error) {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case ok && status == http.StatusConflict:
		p.explain(w, r, status, errorText{"This cannot be done", "Nothing was changed. " + e.Message})
	case ok && e.Kind == fault.Unauthenticated:
		p.show(w, r, errorView{errorText: errorText{"Access denied", "You are not logged in. Log in to see this page."}, Status: status, Login: loginURL(r)})
	default:
		p.ErrorPage(w, r, status)
	}
}

// NotFound answers with the 404 page.
func (p *Pages) NotFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.ErrorPage(w, r, http.StatusNotFound) })
}

func (p *Pages) explain(w http.ResponseWriter, r *http.Request, status int, text errorText) {
	p.show(w, r, errorView{errorText: text, Status: status})
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, view errorView) {
	view.RequestID = w.Header().Get("X-Request-Id")
	if err := p.Render(w, r, view.Status, "error", view); err != nil {
		http.Error(w, view.Title, view.Status)
	}
}
