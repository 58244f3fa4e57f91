package site

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site/shown"
)

// Tab is a part of the page of a record beside its form.
type Tab struct {
	Name  string // in the parameter tab
	Label string `text:""`
	Needs access.Permission
	Load  func(ctx context.Context, actor access.Actor, ask Ask) (Content, error)
}

// Content is what a tab shows.
type Content struct {
	Events []Event
	Table  *Table
	Empty  string // the text if there are no events and rows
	Older  string // the parameter before of the next part; "" for none
}

// Event is something that happened to a record, as a sentence.
type Event struct {
	At     time.Time
	Text   string
	Tone   shown.Tone
	By     string     // who did it; "" if the text says so
	Door   string     // "" if unknown
	Reason string     // "" for none
	More   shown.Link // to details; zero for none
}

const (
	tabParameter   = "tab"
	olderParameter = "before"
)

// tabView is the tab that a page shows.
type tabView struct {
	Events []eventView
	Panel  *panelView
	Empty  string
	Newest string // the address of the first part; "" on it
	Older  string // the address of the next part; "" on the last one
}

type eventView struct {
	Event

	When cell
}

// tabs returns the links to the tabs that the actor may open, the form first; none if
// there is only the form.
func (rs *Resource) tabs(actor access.Actor, id int64, query url.Values) (links []filterLink) {
	current := query.Get(tabParameter)
	link := func(name, label string) {
		links = append(links, filterLink{Label: label, URL: rs.tabPath(id, name, query.Get(keptFilters)), Chosen: name == current})
	}
	if len(rs.Tabs) > 0 {
		link("", rs.language().T("Details"))
	}
	for _, t := range rs.Tabs {
		if actor.Can(t.Needs) {
			link(t.Name, t.Label)
		}
	}
	return links
}

// tabPath returns the address of a tab, "" for the form, which preserves the query of
// a list.
func (rs *Resource) tabPath(id int64, tab, kept string) string {
	values := url.Values{}
	if tab != "" {
		values.Set(tabParameter, tab)
	}
	if kept != "" {
		values.Set(keptFilters, kept)
	}
	path := rs.recordPath(id, "change")
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return path
}

// tab returns the tab of a request; nil for the form.
func (s *Site) tab(res *Resource, r *http.Request, actor access.Actor, id int64) (*tabView, error) {
	query := r.URL.Query()
	i := slices.IndexFunc(res.Tabs, func(t Tab) bool { return t.Name == query.Get(tabParameter) })
	if i < 0 || r.Method == http.MethodPost {
		return nil, nil //nolint:nilnil // the form
	}
	tab := res.Tabs[i]
	if err := actor.Check(tab.Needs); err != nil {
		return nil, err
	}
	content, err := tab.Load(r.Context(), actor, Ask{id, query})
	if err != nil {
		return nil, err
	}
	v := &tabView{Empty: content.Empty}
	for _, e := range content.Events {
		when := newCell(s.texts, e.At, s.Zone)
		when.Text = s.texts.Ago(e.At.In(s.Zone), s.now())
		v.Events = append(v.Events, eventView{e, when})
	}
	if content.Table != nil {
		panel := s.newPanelView(Panel{Title: tab.Label, Table: content.Table}, actor)
		v.Panel = &panel
	}
	here := res.tabPath(id, tab.Name, query.Get(keptFilters))
	if query.Get(olderParameter) != "" {
		v.Newest = here
	}
	if content.Older != "" {
		v.Older = here + "&" + url.Values{olderParameter: {content.Older}}.Encode()
	}
	return v, nil
}
