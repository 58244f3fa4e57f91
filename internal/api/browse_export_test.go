package api

import (
	"html/template"
	"net/http"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
)

// What the tests of the browsable pages use of them.
type (
	BrowsePage   = browsePage
	BrowseLink   = browseLink
	BrowseHeader = browseHeader
	BrowseForm   = browseForm
)

// HighlightJSON is highlightJSON.
func HighlightJSON(body []byte) template.HTML { return highlightJSON(body, "/api/users/") }

// NewCreateForm is newCreateForm.
func NewCreateForm(sent form.Input, faults fault.Fields) *BrowseForm {
	return newCreateForm(userSubject(), sent, faults)
}

// NewChangeForm is newChangeForm.
func NewChangeForm(stored, sent form.Input, faults fault.Fields) *BrowseForm {
	return newChangeForm(userSubject(), stored, sent, faults)
}

// RenderBrowsable is renderBrowsable.
func RenderBrowsable(w http.ResponseWriter, r *http.Request, pages *httpkit.Pages, p BrowsePage) error {
	return renderBrowsable(w, r, pages, p)
}
