// Package web serves the pages that people open in a browser.
package web

import (
	"embed"
	"io/fs"
	"net/http"

	"roster/internal/access"
	"roster/internal/httpkit"
)

//go:embed templates
var templates embed.FS

// Templates returns the templates of this package's pages, for httpkit.NewPages.
func Templates() fs.FS {
	sub, err := fs.Sub(templates, "templates")
	if err != nil {
		panic(err) // the directory is compiled in
	}
	return sub
}

// Pages holds the handlers of the web pages. It is safe for concurrent use.
type Pages struct {
	pages   *httpkit.Pages
	version string
}

// New returns the handlers, whose pages are rendered by pages and name the version.
func New(pages *httpkit.Pages, version string) *Pages {
	return &Pages{pages: pages, version: version}
}

// ShowWelcome answers GET / with the page that says what this is and where
// everything is.
func (p *Pages) ShowWelcome(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	view := struct{ Version string }{p.version}
	return p.pages.Render(w, r, http.StatusOK, "welcome", view)
}

// Register adds the pages to the router.
func (p *Pages) Register(rt *httpkit.Router, guard httpkit.Guard) {
	rt.Handle("/", guard.Page(access.Public, p.ShowWelcome))
}
