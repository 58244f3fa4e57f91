// Package web serves the welcome page, the users page, and the documentation. The first two work without
// scripts; with scripts they update themselves and edit users through the API.
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
	"roster/internal/web/manual"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

// Templates returns the templates of this package's pages, for httpkit.NewPages.
func Templates() fs.FS { return httpkit.Folder(templates, "templates") }

// Static returns the scripts of this package's pages, for httpkit.NewAssets.
func Static() fs.FS { return httpkit.Folder(static, "static") }

// Users loads users; *user.Users implements it.
type Users interface {
	// List returns a page of the users that q selects; NotFound if there is no
	// such page.
	List(ctx context.Context, actor access.Actor, q user.Query, number int64, size int) (user.Page, error)
	// Statistics returns the current counts of users, and the new users on each of
	// the last days in the zone, today being the last.
	Statistics(ctx context.Context, actor access.Actor, days int, zone *time.Location) (user.Statistics, error)
}

// Options are the dependencies of the pages.
type Options struct {
	Pages         *httpkit.Pages
	Users         Users
	Subscriptions Subscriptions
	// SetUp returns the address of the page that creates the first staff account,
	// "" if the visitor may not or there is one already.
	SetUp    func(r *http.Request) string
	Manual   *manual.Manual // the documentation
	Version  string         // of the binary
	PageSize int            // the default number of users on a page, at least 1
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
		httpkit.Get(manual.Root, access.Public, p.showDocument),
		httpkit.Get(manual.Root+"{name}/", access.Public, p.showDocument),
		httpkit.Get(manual.Root+"{folder}/{name}/", access.Public, p.showDocument),
		httpkit.Get(UnsubscribePath+"{token}/", access.Public, p.showSubscription),
		httpkit.Post(UnsubscribePath+"{token}/", access.Public, p.setSubscription),
	}
}

// showWelcome answers GET / with statistics and links. Visitors who may not view
// users, and outages of the database, get the page without statistics.
func (p *Pages) showWelcome(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	view := struct {
		Version string
		Figures *figuresView
		SetUp   string
	}{Version: p.Version, SetUp: p.SetUp(r)}
	if actor.Can(access.ViewUser) {
		figures := p.figures(r.Context(), actor)
		view.Figures = &figures
	}
	return p.Pages.Render(w, r, http.StatusOK, "welcome", view)
}

// showFigures answers GET /figures/ with the statistics alone.
func (p *Pages) showFigures(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return p.Pages.RenderPart(w, r, "welcome", "figures", p.figures(r.Context(), actor))
}
