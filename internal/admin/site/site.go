// Package site generates the pages of the admin site: lists, forms, histories,
// exports and bulk actions, each from the description of a resource. URLs and
// parameters of lists are those of Django's admin site.
package site

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/lang"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

// Templates returns the templates of the pages, for httpkit.NewPages.
func Templates() fs.FS { return httpkit.Folder(templates, "templates") }

// Static returns the styles and scripts of the pages, for httpkit.NewAssets.
func Static() fs.FS { return httpkit.Folder(static, "static") }

// Options are the dependencies of the site.
type Options struct {
	Door      httpkit.Door // of pages
	Pages     *httpkit.Pages
	Resources []Resource // in the order of the index
	Views     []View     // listed before the resources
	Links     []Link     // listed after the resources
	Entries   []Entry    // further pages and actions that the search finds
	Shelves   []Shelf    // of the search
	// Home loads the content of the home page; nil for links alone.
	Home   func(ctx context.Context, actor access.Actor) (Home, error)
	Zone   *time.Location // of the times on the pages
	Now    func() time.Time
	Signer Signer
	Trail  Trail
	// Refuse answers visitors who are not staff.
	Refuse http.HandlerFunc
	// Confirmed returns a handler that calls h if the visitor has given the password
	// recently, and asks for it otherwise.
	Confirmed func(h httpkit.Handler) httpkit.Handler
}

// Link is a page elsewhere that the index and the navigation list.
type Link struct {
	App, Name string `text:""` // the names of its application and its own
	Icon      string // a symbol in img/icons.svg
	URL       string
	Needs     access.Permission
}

// Site holds the handlers of the admin site. It is safe for concurrent use.
type Site struct {
	Options

	workbooks chan struct{} // a place for each that is being written
	texts     *lang.Language
}

// maxWorkbooks is the maximum number of XLSX files that are written at a time. Each
// takes up to 64 MiB of memory; further exports wait.
const maxWorkbooks = 2

// New returns the site.
func New(o Options) *Site { return &Site{o, make(chan struct{}, maxWorkbooks), lang.English} }

// Register adds the routes to the router. Only staff may use them.
func (s *Site) Register(rt *httpkit.Router) {
	door := s.Door
	door.Admit = func(w http.ResponseWriter, r *http.Request, actor access.Actor, _ *httpkit.Route) bool {
		if !actor.Staff() {
			s.Refuse(w, r)
		}
		return actor.Staff()
	}
	door.Register(rt, s.inEveryLanguage(s.routes()))
}

// routes returns the table of the site. It is the access policy: nothing else is
// served.
func (s *Site) routes() []httpkit.Route {
	routes := []httpkit.Route{
		httpkit.Get("/admin/", access.Public, s.showHome),
		httpkit.Get("/admin/{app}/", access.Public, s.showApp),
		httpkit.Get(searchPath, access.Public, s.showSearch),
		httpkit.Get(searchPath+"hits/", access.Public, s.showHits),
	}
	for _, view := range s.Views {
		routes = append(routes, httpkit.Get(view.path(), view.Needs, s.showView(view)))
	}
	for i := range s.Resources {
		routes = append(routes, s.routesOf(&s.Resources[i])...)
	}
	return routes
}

func (s *Site) routesOf(res *Resource) []httpkit.Route {
	of := func(h resourceHandler) httpkit.Handler {
		return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error { return h(res, w, r, actor) }
	}
	path, view := res.path(), res.guarded().View()
	record := path + "{id}/"
	routes := []httpkit.Route{
		httpkit.Get(path, view, of(s.showList)),
		httpkit.Get(record, view, of(s.openRecord)),
		httpkit.Get(record+"change/", view, of(s.showRecord)),
	}
	if _, ok := res.Source.(Walker); ok {
		routes = append(routes, httpkit.Get(path+"export/{format}/", view, of(s.export)))
	}
	if res.Object != "" {
		routes = append(routes, httpkit.Get(record+"history/", view, of(s.showHistory)))
	}
	for _, tool := range res.Tools {
		routes = append(routes,
			httpkit.Post(path+tool.Name+"/", tool.Needs, s.runTool(res, tool)),
			httpkit.Get(path+tool.Name+"/", view, of(s.backToList)),
		)
	}
	for _, download := range res.Downloads {
		routes = append(routes, httpkit.Get(record+download.Name+"/", download.Needs, s.download(res, download)))
	}
	routes = append(routes, s.extraRoutes(res, record)...)
	if len(res.Actions) > 0 {
		routes = append(routes,
			httpkit.Post(path, view, of(s.chooseAction)),
			httpkit.Get(path+"actions/{action}/", view, of(s.showWork)),
			httpkit.Post(path+"actions/{action}/", view, of(s.stepWork)),
		)
	}
	for _, button := range res.Buttons {
		routes = append(routes,
			httpkit.Post(record+button.Name+"/", button.Needs, s.sensitive(res, s.pressButton(res, button))),
			httpkit.Get(record+button.Name+"/", view, of(s.openRecord)),
		)
	}
	return append(routes, s.editingOf(res, func(h resourceHandler) httpkit.Handler { return s.sensitive(res, of(h)) })...)
}

// editingOf returns the routes that add, change and delete records.
func (s *Site) editingOf(res *Resource, of func(resourceHandler) httpkit.Handler) (routes []httpkit.Route) {
	path, m := res.path(), res.guarded()
	record := path + "{id}/"
	if res.adder() != nil {
		routes = append(routes,
			httpkit.Get(path+"add/", m.Add(), of(s.showAdd)),
			httpkit.Post(path+"add/", m.Add(), of(s.add)),
		)
	}
	if res.editor() == nil {
		return routes
	}
	return append(routes,
		httpkit.Post(record+"change/", m.Change(), of(s.change)),
		httpkit.Get(record+"delete/", m.Delete(), of(s.showDelete)),
		httpkit.Post(record+"delete/", m.Delete(), of(s.remove)),
	)
}

// sensitive wraps a handler of a sensitive resource with Confirmed.
func (s *Site) sensitive(res *Resource, h httpkit.Handler) httpkit.Handler {
	if res.Sensitive {
		return s.Confirmed(h)
	}
	return h
}

// openRecord answers GET for the path of a record, as Django does, and for the
// paths of its buttons, to which a login in between may redirect. It redirects to
// the form, or to the history of a deleted record.
func (s *Site) openRecord(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	page := "change"
	if res.Object != "" {
		if _, err := res.Source.Find(r.Context(), actor, id); fault.KindOf(err) == fault.NotFound {
			page = "history"
		}
	}
	return httpkit.Redirect(w, http.StatusFound, res.recordPath(id, page))
}

// backToList answers GET for the path of a tool.
func (s *Site) backToList(res *Resource, w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
	return httpkit.Redirect(w, http.StatusFound, res.path())
}

// resourceHandler is a handler that serves any resource.
type resourceHandler func(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error

// now returns the time in the zone of the site.
func (s *Site) now() time.Time { return s.Now().In(s.Zone) }

// head is the data of the header of every page.
type head struct {
	Title  string
	Crumbs []crumb // breadcrumbs; the last one is the page itself
	Flash  *flash  // a message; nil for none
}

// crumb is a breadcrumb.
type crumb struct{ Name, URL string }

// headOf returns the header of a page of a resource, with breadcrumbs below its list.
func headOf(res *Resource, title string, steps ...crumb) head {
	crumbs := []crumb{{res.language().T("Admin"), "/admin/"}}
	if res.App != capitalised(res.Many) { // which would repeat it
		crumbs = append(crumbs, crumb{res.App, "/admin/" + res.Model.App + "/"})
	}
	crumbs = append(crumbs, crumb{capitalised(res.Many), res.path()})
	return head{Title: title, Crumbs: append(crumbs, steps...)}
}

// idOf returns the ID in the path; NotFound if it is invalid.
func idOf(r *http.Request) (int64, error) {
	text := httpkit.PathValue(r, "id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, fault.New(fault.NotFound, "Not found.")
	}
	return id, nil
}
