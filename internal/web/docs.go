package web

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/web/manual"
)

// documentView is a page of the documentation.
type documentView struct {
	manual.Page

	Path     string
	Home     string // the path of the first page
	Chapters []manual.Chapter
	Chapter  string // that contains the page, "" for none
}

// showDocument answers GET /docs/… with a page of the documentation.
func (p *Pages) showDocument(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	path := r.URL.Path
	if !p.Manual.Has(path) {
		return fault.New(fault.NotFound, "Not found.")
	}
	page, err := p.Manual.Page(path)
	if err != nil {
		return err
	}
	chapters, err := p.Manual.Chapters()
	if err != nil {
		return err
	}
	view := documentView{Page: page, Path: path, Home: manual.Root, Chapters: chapters}
	for _, chapter := range chapters {
		for _, link := range chapter.Links {
			if link.Path == path {
				view.Chapter = chapter.Title
			}
		}
	}
	return p.Pages.RenderTagged(w, r, "document", view)
}
