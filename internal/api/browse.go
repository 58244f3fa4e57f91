package api

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"roster/internal/httpkit"
)

//go:embed templates/*.html
var templates embed.FS

// Templates returns the templates of this package's pages, for httpkit.NewPages.
func Templates() fs.FS { return httpkit.Folder(templates, "templates") }

// browseLink is a name with the address it leads to.
type browseLink struct{ Name, URL string }

// browseHeader is one header of the answer, as it is shown.
type browseHeader struct{ Name, Value string }

// browsePage is one answer of the API as a page. Whatever text it holds may
// come from anybody; the template escapes it.
type browsePage struct {
	Title       string       // "T User List"
	Description string       // one sentence; may be empty
	Rows        string       // the path of the list whose ids it shows; "" for none
	Noun        string       // what a row is, as in "Delete this user?"
	Breadcrumbs []browseLink // from the root of the API to this page, the page itself last
	Status      int
	Headers     []browseHeader // those worth showing, in order
	Body        []byte         // indented JSON; empty when the answer has none
	Next        string         // address of the next page of a list, "" for none
	Previous    string
	Formats     []browseLink // "json", "api", with the address of this page in that format
	CanDelete   bool         // offer DELETE, after a question
	Form        *browseForm  // nil when nothing can be sent here
}

// browseView is a browsePage with what follows from it and from the request.
type browseView struct {
	browsePage

	Method     string
	Path       string // path and query
	StatusText string
	Tone       string // which of the style sheet's tones the status has
	Code       template.HTML
}

// renderBrowsable answers with the page. When it returns an error nothing has
// been written.
func renderBrowsable(w http.ResponseWriter, r *http.Request, pages *httpkit.Pages, p browsePage) error {
	view := browseView{
		browsePage: p,
		Method:     shownMethod(r),
		Path:       r.URL.RequestURI(),
		StatusText: http.StatusText(p.Status),
		Tone:       toneOf(p.Status),
		Code:       highlightJSON(p.Body, p.Rows),
	}
	return pages.Render(w, r, p.Status, "browse", view)
}

// shownMethod is the method that the page names. The page of a HEAD is never
// seen, and has the length of the GET's.
func shownMethod(r *http.Request) string {
	if r.Method == http.MethodHead {
		return http.MethodGet
	}
	return r.Method
}

// toneOf names the tone for a status: good, neutral or bad.
func toneOf(status int) string {
	switch {
	case status >= http.StatusBadRequest:
		return "bad"
	case status >= http.StatusMultipleChoices:
		return "neutral"
	default:
		return "good"
	}
}
