package site

import (
	"net/http"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// maxRecent is the maximum number of recent actions on the home page.
const maxRecent = 10

// indexView is the index of one application.
type indexView struct {
	head

	Apps []appView
}

// appView is an application with its resources.
type appView struct {
	Name, URL string
	Resources []resourceView
}

type resourceView struct{ Name, URL, Add, Verb string }

// showApp answers GET with one application. It is NotFound if the actor may view
// nothing of it.
func (s *Site) showApp(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	apps := s.apps(actor, httpkit.PathValue(r, "app"))
	if len(apps) == 0 {
		return fault.New(fault.NotFound, "Not found.")
	}
	v := indexView{head: head{Title: s.texts.T("%s administration", apps[0].Name), Crumbs: []crumb{{s.texts.T("Admin"), "/admin/"}, {apps[0].Name, ""}}}, Apps: apps}
	return s.render(w, r, http.StatusOK, "admin_index", &v)
}

// apps returns the applications that the actor may view, or only the one with that
// label.
func (s *Site) apps(actor access.Actor, label string) (apps []appView) {
	for i := range s.Resources {
		res := &s.Resources[i]
		if !actor.Can(res.guarded().View()) || label != "" && res.Model.App != label {
			continue
		}
		view := resourceView{Name: capitalised(res.Many), URL: res.path(), Verb: capitalised(res.verb())}
		if res.canAdd(actor) {
			view.Add = res.path() + "add/"
		}
		apps = entered(apps, res.App, strings.TrimSuffix(res.path(), res.Model.Name+"/"))
		last := &apps[len(apps)-1]
		last.Resources = append(last.Resources, s.viewsOf(actor, res, last)...)
		last.Resources = append(last.Resources, view)
	}
	return apps
}

// links returns the pages elsewhere that the actor may open, each as an application.
func (s *Site) links(actor access.Actor) (apps []appView) {
	for _, l := range s.Links {
		if actor.Can(l.Needs) {
			apps = append(apps, appView{Name: l.App, URL: l.URL, Resources: []resourceView{{Name: l.Name, URL: l.URL}}})
		}
	}
	return apps
}

// entered returns apps with the application of that URL at the end.
func entered(apps []appView, name, url string) []appView {
	if n := len(apps); n > 0 && apps[n-1].URL == url {
		return apps
	}
	return append(apps, appView{Name: name, URL: url})
}

// viewsOf returns the views of an application, before its first resource.
func (s *Site) viewsOf(actor access.Actor, res *Resource, app *appView) (views []resourceView) {
	for _, v := range s.Views {
		if v.App == res.Model.App && len(app.Resources) == 0 && actor.Can(v.Needs) {
			views = append(views, resourceView{Name: v.Title, URL: v.path()})
		}
	}
	return views
}
