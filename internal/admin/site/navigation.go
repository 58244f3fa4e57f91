package site

import (
	"cmp"

	"roster/internal/access"
	"roster/internal/httpkit"
)

// Navigation returns links to the home page and to the lists and views that the
// actor may open, in the order of the resources, and the search. It is empty for others than staff.
func (s *Site) Navigation(actor access.Actor) (n httpkit.Navigation) {
	if !actor.Staff() {
		return n
	}
	n.Home, n.Search = "/admin/", &httpkit.NavSearch{Path: searchPath, Field: "q", Label: "Search", Hits: searchPath + "hits/"}
	links := []httpkit.NavLink{{Name: "Home", Path: n.Home, Icon: "home"}}
	seen := map[string]bool{}
	for i := range s.Resources {
		res := &s.Resources[i]
		if !seen[res.Model.App] {
			links = append(links, s.viewLinks(actor, res.Model.App)...)
			seen[res.Model.App] = true
		}
		if res.Aside || !actor.Can(res.guarded().View()) {
			continue
		}
		links = append(links, httpkit.NavLink{Name: cmp.Or(res.Short, capitalised(res.Many)), Path: res.path(), Icon: cmp.Or(res.Icon, "list")})
	}
	for _, l := range s.Links {
		if actor.Can(l.Needs) {
			links = append(links, httpkit.NavLink{Name: l.Name, Path: l.URL, Icon: cmp.Or(l.Icon, "list")})
		}
	}
	n.Nav = []httpkit.NavGroup{{Links: links}}
	return n
}

// viewLinks returns links to the views of an application that the actor may open.
func (s *Site) viewLinks(actor access.Actor, app string) (links []httpkit.NavLink) {
	for _, v := range s.Views {
		if v.App == app && actor.Can(v.Needs) {
			links = append(links, httpkit.NavLink{Name: cmp.Or(v.Short, v.Title), Path: v.path(), Icon: cmp.Or(v.Icon, "list")})
		}
	}
	return links
}
