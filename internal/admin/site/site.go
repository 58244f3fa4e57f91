// Package site is what the pages of the admin site have in common: lists and
// forms of records, made from a description of each resource. Its URLs and the
// parameters of its lists are those of Django's admin site.
package site

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

// Templates returns the templates of the pages, for httpkit.NewPages.
func Templates() fs.FS { return httpkit.Folder(templates, "templates") }

// Static returns the styles and scripts of the pages, for httpkit.NewAssets.
func Static() fs.FS { return httpkit.Folder(static, "static") }

// Options are what the site needs.
type Options struct {
	Guard     httpkit.Guard    // its Actor says who asks
	Resources []Resource       // in the order of the index
	Views     []View           // before them
	Zone      *time.Location   // of the times on the pages
	Now       func() time.Time // the clock
	Signer    Signer
	Trail     Trail
	// Refuse answers those who may not enter the site: who is not staff.
	Refuse http.HandlerFunc
	// Confirm reports whether a visitor has given the password lately; when not,
	// it has answered with the page that asks for it.
	Confirm func(w http.ResponseWriter, r *http.Request) bool
}

// Site holds the handlers of the admin site. It is safe for concurrent use.
type Site struct {
	Options
}

// New returns the site.
func New(o Options) *Site { return &Site{o} }

// Route is a line of the table of routes, which is the policy of the site:
// what it does not list is not served, and nothing is served to who is not staff.
type Route struct {
	Method string            // GET stands for HEAD as well
	Path   string            // for httpkit.Router
	Needs  access.Permission // of staff, beside that to view what is to be changed; Public for all of them
	handle httpkit.Handler
	grave  bool // Confirm is asked, too
}

// Routes returns the table.
func (s *Site) Routes() []Route {
	routes := []Route{
		{http.MethodGet, "/admin/", access.Public, s.showIndex, false},
		{http.MethodGet, "/admin/{app}/", access.Public, s.showApp, false},
	}
	for _, view := range s.Views {
		routes = append(routes, Route{http.MethodGet, view.path(), view.Needs, s.showView(view), false})
	}
	for i := range s.Resources {
		routes = append(routes, s.routesOf(&s.Resources[i])...)
	}
	return routes
}

func (s *Site) routesOf(res *Resource) []Route {
	of := func(h resourceHandler) httpkit.Handler {
		return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error { return h(res, w, r, actor) }
	}
	path := res.path()
	record := path + "{id}/"
	m := res.guarded()
	routes := []Route{
		{http.MethodGet, path, m.View(), of(s.showList), false},
		{http.MethodGet, record, m.View(), of(s.openRecord), false},
		{http.MethodGet, record + "change/", m.View(), of(s.showRecord), false},
	}
	if _, ok := res.Source.(Walker); ok {
		routes = append(routes, Route{http.MethodGet, path + "export/{format}/", m.View(), of(s.export), false})
	}
	if res.Object != "" {
		routes = append(routes, Route{http.MethodGet, record + "history/", m.View(), of(s.showHistory), false})
	}
	for _, tool := range res.Tools {
		routes = append(routes,
			Route{http.MethodPost, path + tool.Name + "/", tool.Needs, s.runTool(res, tool), false},
			Route{http.MethodGet, path + tool.Name + "/", m.View(), of(s.backToList), false},
		)
	}
	routes = append(routes, s.extraRoutes(res, record)...)
	if len(res.Actions) > 0 {
		routes = append(routes,
			Route{http.MethodPost, path, m.View(), of(s.chooseAction), false},
			Route{http.MethodGet, path + "actions/{action}/", m.View(), of(s.showWork), false},
			Route{http.MethodPost, path + "actions/{action}/", m.View(), of(s.stepWork), false},
		)
	}
	for _, button := range res.Buttons {
		routes = append(routes,
			Route{http.MethodPost, record + button.Name + "/", button.Needs, s.pressButton(res, button), false},
			Route{http.MethodGet, record + button.Name + "/", m.View(), of(s.openRecord), false},
		)
	}
	return append(routes, s.editingOf(res, of)...)
}

// editingOf returns the routes that add, change and delete records.
func (s *Site) editingOf(res *Resource, of func(resourceHandler) httpkit.Handler) (routes []Route) {
	path, m, grave := res.path(), res.guarded(), res.Sensitive
	record := path + "{id}/"
	if res.adder() != nil {
		routes = append(routes,
			Route{http.MethodGet, path + "add/", m.Add(), of(s.showAdd), grave},
			Route{http.MethodPost, path + "add/", m.Add(), of(s.add), grave},
		)
	}
	if res.editor() == nil {
		return routes
	}
	return append(routes,
		Route{http.MethodPost, record + "change/", m.Change(), of(s.change), grave},
		Route{http.MethodGet, record + "delete/", m.Delete(), of(s.showDelete), grave},
		Route{http.MethodPost, record + "delete/", m.Delete(), of(s.remove), grave},
	)
}

// openRecord answers GET for a record without a page, as Django does, and for
// its buttons, which only POST presses: a login may come between and lead back
// with GET. A record that was deleted has its history left.
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
	return redirect(w, http.StatusFound, res.recordPath(id, page))
}

// backToList answers GET for what only POST does to a list.
func (s *Site) backToList(res *Resource, w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
	return redirect(w, http.StatusFound, res.path())
}

// resourceHandler is a handler for all resources.
type resourceHandler func(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error

// Register adds the routes to the router.
func (s *Site) Register(rt *httpkit.Router) {
	byPath := map[string]map[string]Route{}
	var paths []string
	for _, route := range s.Routes() {
		if byPath[route.Path] == nil {
			byPath[route.Path] = map[string]Route{}
			paths = append(paths, route.Path)
		}
		byPath[route.Path][route.Method] = route
	}
	for _, path := range paths {
		rt.Handle(path, s.serve(byPath[path]))
	}
}

// serve returns the handler of a path, given its routes by method.
func (s *Site) serve(routes map[string]Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		route, found := routes[method]
		if !found {
			refuseMethod(w, routes)
			s.Guard.Pages.ErrorPage(w, r, http.StatusMethodNotAllowed)
			return
		}
		actor := s.Guard.Actor(r)
		if !actor.Staff() {
			s.Refuse(w, r)
			return
		}
		err := actor.Check(route.Needs)
		if err == nil && route.grave && !s.Confirm(w, r) {
			return
		}
		if err == nil {
			err = route.handle(w, r, actor)
		}
		if err != nil {
			s.Guard.Fail(w, r, err)
		}
	})
}

// refuseMethod names the methods that a path has.
func refuseMethod(w http.ResponseWriter, routes map[string]Route) {
	var methods []string
	for method := range routes {
		methods = append(methods, method)
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	w.Header()["Allow"] = methods
}

// now is the time in the zone of the site.
func (s *Site) now() time.Time { return s.Now().In(s.Zone) }

// head is what every page of the site begins with.
type head struct {
	Title   string
	Crumbs  []crumb // the way from the index; the last one is the page itself
	Flash   *flash  // what was done before; nil for nothing
	Visitor string  // who has logged in
}

// crumb is a step of the way to a page.
type crumb struct{ Name, URL string }

// headOf returns the head of a page of a resource, given the steps below its list.
func headOf(res *Resource, title string, steps ...crumb) head {
	crumbs := []crumb{{"Admin", "/admin/"}}
	if res.App != capitalised(res.Many) { // else one would follow itself
		crumbs = append(crumbs, crumb{res.App, "/admin/" + res.Model.App + "/"})
	}
	crumbs = append(crumbs, crumb{capitalised(res.Many), res.path()})
	return head{Title: title, Crumbs: append(crumbs, steps...)}
}

// idOf returns the id in the path; NotFound when it is none.
func idOf(r *http.Request) (int64, error) {
	text := httpkit.PathValue(r, "id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, fault.New(fault.NotFound, "Not found.")
	}
	return id, nil
}

// redirect answers with the status and the address of another page of this site.
func redirect(w http.ResponseWriter, status int, target string) error {
	w.Header().Set("Location", target)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return nil
}
