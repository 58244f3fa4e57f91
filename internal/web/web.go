// Package web serves the pages that people open in a browser.
package web

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"roster/internal/access"
	"roster/internal/httpkit"
	"roster/internal/user"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

// Templates returns the templates of this package's pages, for httpkit.NewPages.
func Templates() fs.FS { return httpkit.Folder(templates, "templates") }

// Static returns the scripts of this package's pages, for httpkit.NewAssets.
func Static() fs.FS { return httpkit.Folder(static, "static") }

// Users is what the pages ask about users; *user.Users answers it.
type Users interface {
	// List returns a page of size users of those that q finds; NotFound when
	// there is no such page.
	List(ctx context.Context, actor access.Actor, q user.Query, number int64, size int) (user.Page, error)
	// Figures returns the numbers of users now, and by the day of the zone for
	// that many days, today's the last.
	Figures(ctx context.Context, actor access.Actor, days int, zone *time.Location) (user.Figures, error)
}

// Options are what the pages need.
type Options struct {
	Pages    *httpkit.Pages
	Users    Users
	Version  string         // of the binary
	PageSize int            // users on a page unless the visitor chooses, at least 1
	Zone     *time.Location // of the times on the pages
	Log      *slog.Logger
}

// Pages holds the handlers of the web pages. It is safe for concurrent use.
type Pages struct {
	Options
}

// New returns the handlers.
func New(o Options) *Pages { return &Pages{o} }

// Routes is the table of the pages, and of the parts of them that their scripts
// load again.
func (p *Pages) Routes() []httpkit.Route {
	return []httpkit.Route{
		httpkit.Get("/", access.Public, p.showWelcome),
		httpkit.Get("/figures/", access.ViewUser, p.showFigures),
		httpkit.Get("/users/", access.ViewUser, p.showUsers),
		httpkit.Get("/users/rows/", access.ViewUser, p.showRows),
	}
}

// showWelcome answers GET / with what this is, how things stand, and where
// everything is. The page is there without figures, too.
func (p *Pages) showWelcome(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view := struct {
		Version string
		Figures *figuresView
	}{Version: p.Version}
	if actor.Can(access.ViewUser) {
		figures := p.figures(r.Context(), actor)
		view.Figures = &figures
	}
	return p.Pages.Render(w, r, http.StatusOK, "welcome", view)
}

// showFigures answers GET /figures/ with the figures of the welcome page alone.
func (p *Pages) showFigures(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return p.Pages.RenderPart(w, r, "welcome", "figures", p.figures(r.Context(), actor))
}
