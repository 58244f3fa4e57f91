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

// browseHeader is a header of the response.
type browseHeader struct{ Name, Value string }

// browsePage is a response of the API as a page. Its texts are not trusted; the
// template escapes them.
type browsePage struct {
	Title       string       // "T User List"
	Description string       // one sentence; may be empty
	Rows        string       // the path of the list that IDs link to; "" for none
	Noun        string       // what a row is, as in "Delete this user?"
	Breadcrumbs []browseLink // from the root of the API to this page, the page itself last
	Status      int
	Headers     []browseHeader // in order
	Body        []byte         // indented JSON; may be empty
	Next        string         // address of the next page of a list, "" for none
	Previous    string
	Formats     []browseLink // "json", "api", with the address of this page in that format
	CanDelete   bool         // offer DELETE, with confirmation
	Form        *browseForm  // nil if nothing can be submitted
}

// browseView is a browsePage with derived values.
type browseView struct {
	browsePage

	Method     string
	Path       string // path and query
	StatusText string
	Tone       string // the style of the status
	Code       template.HTML
}

// renderBrowsable answers with the page. When it returns an error it has written
// nothing.
func renderBrowsable(w http.ResponseWriter, r *http.Request, pages *httpkit.Pages, p browsePage) error {
	view := browseView{
		browsePage: p,
		Method:     shownMethod(r),
		Path:       httpkit.RequestOf(r).Prefix + r.URL.RequestURI(),
		StatusText: http.StatusText(p.Status),
		Tone:       toneOf(p.Status),
		Code:       highlightJSON(p.Body, p.Rows),
	}
	return pages.Render(w, r, p.Status, "browse", view)
}

// shownMethod returns the method on the page. A HEAD has the page of the GET, so
// that lengths match.
func shownMethod(r *http.Request) string {
	if r.Method == http.MethodHead {
		return http.MethodGet
	}
	return r.Method
}

// toneOf returns the style of a status: good, neutral or bad.
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
