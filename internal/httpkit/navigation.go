package httpkit

import (
	"net/http"
	"strings"
)

// Navigation is what the layout shows beside every page.
type Navigation struct {
	Home   string // the page that the brand links to
	Nav    []NavGroup
	Search *NavSearch // in the header; nil for none
}

// NavGroup is a group of links. The title of the first group may be empty.
type NavGroup struct {
	Title string
	Links []NavLink
}

// NavLink is a link of the navigation.
type NavLink struct {
	Name, Path string
	Icon       string // a symbol in img/icons.svg
	Current    bool   // the page is below this path
}

// NavSearch is a search form: it sends the input as Field to Path. Its script shows
// the options at Hits during input.
type NavSearch struct{ Path, Field, Label, Hits string }

// visitorLinks are the links of visitors who are not logged in.
var visitorLinks = []NavLink{
	{Name: "Home", Path: "/", Icon: "home"},
	{Name: "Users", Path: "/users/", Icon: "users"},
	{Name: "Admin", Path: "/admin/", Icon: "admin"},
	{Name: "API", Path: "/api/", Icon: "api"},
	{Name: "Swagger", Path: "/swagger/", Icon: "api"},
	{Name: "ReDoc", Path: "/redoc/", Icon: "api"},
	{Name: "Documentation", Path: "/docs/", Icon: "book"},
}

// otherPages are the pages outside the admin site, for staff.
var otherPages = NavGroup{Title: "Other pages", Links: []NavLink{
	{Name: "Start page", Path: "/", Icon: "start"},
	{Name: "Directory", Path: "/users/", Icon: "directory"},
	{Name: "API", Path: "/api/", Icon: "api"},
	{Name: "Swagger", Path: "/swagger/", Icon: "api"},
	{Name: "ReDoc", Path: "/redoc/", Icon: "api"},
	{Name: "Documentation", Path: "/docs/", Icon: "book"},
}}

// at returns the navigation for a page, with links to the other pages. Of the links
// that lead to the page or above it, the longest is current; "/" and the home page
// only on themselves.
func (n Navigation) at(page string) Navigation {
	if len(n.Nav) == 0 {
		n = Navigation{Home: "/", Nav: []NavGroup{{Links: visitorLinks}}}
	} else {
		n.Nav = append(n.Nav[:len(n.Nav):len(n.Nav)], otherPages)
	}
	longest := ""
	for _, group := range n.Nav {
		for _, link := range group.Links {
			if link.leadsTo(page, n.Home) && len(link.Path) > len(longest) {
				longest = link.Path
			}
		}
	}
	groups := make([]NavGroup, len(n.Nav))
	for i, group := range n.Nav {
		groups[i].Title = group.Title
		for _, link := range group.Links {
			link.Current = link.Path == longest
			groups[i].Links = append(groups[i].Links, link)
		}
	}
	n.Nav = groups
	return n
}

// leadsTo reports whether the link leads to a page or above it.
func (l NavLink) leadsTo(page, home string) bool {
	if l.Path == "/" || l.Path == home {
		return page == l.Path
	}
	return strings.HasPrefix(page, l.Path)
}

// narrowCookie says that the visitor has collapsed the navigation; js/menu.js sets it.
const narrowCookie = "roster_nav"

// isNarrow reports whether the visitor has collapsed the navigation.
func isNarrow(r *http.Request) bool {
	c, err := r.Cookie(narrowCookie)
	return err == nil && c.Value == "narrow"
}
