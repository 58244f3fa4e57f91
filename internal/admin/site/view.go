package site

import (
	"context"
	"net/http"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site/shown"
	"roster/internal/httpkit"
)

// View is a page that shows something about several resources. It is read again
// and again while somebody looks at it.
type View struct {
	App, Name string // where it is in URLs
	Title     string
	Of        string // the application, for people, as its resources have it
	Needs     access.Permission
	Load      func(ctx context.Context, actor access.Actor) ([]Panel, error)
}

// Panel is a part of a view: facts, a chart, a table, or some of them.
type Panel struct {
	Title  string
	Help   string
	Facts  []Fact
	Charts []shown.Chart
	Table  *Table
	More   shown.Link // where there is more of it
	Wide   bool       // it takes the whole width
}

// Fact is a number or a short text with a label.
type Fact struct {
	Label string
	Value any // as Record has them
	URL   string
}

// Table has rows of values, as Record has them.
type Table struct {
	Columns []string
	Rows    [][]any
	Empty   string // what is said when there are no rows
}

func (v View) path() string { return "/admin/" + v.App + "/" + v.Name + "/" }

// viewView is a view as a page.
type viewView struct {
	head

	Panels []panelView
}

type panelView struct {
	Panel

	Cells []factView
	Rows  [][]cell
}

type factView struct {
	Fact
	cell
}

// showView answers GET for a view.
func (s *Site) showView(view View) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		panels, err := view.Load(r.Context(), actor)
		if err != nil {
			return err
		}
		crumbs := []crumb{{"Admin", "/admin/"}, {view.Of, "/admin/" + view.App + "/"}, {view.Title, ""}}
		v := viewView{head: head{Title: view.Title, Crumbs: crumbs}}
		for _, p := range panels {
			v.Panels = append(v.Panels, newPanelView(p, s.Zone))
		}
		return s.render(w, r, http.StatusOK, "admin_view", &v)
	}
}

func newPanelView(p Panel, zone *time.Location) panelView {
	v := panelView{Panel: p}
	for _, f := range p.Facts {
		v.Cells = append(v.Cells, factView{f, newCell(f.Value, zone)})
	}
	if p.Table != nil {
		for _, row := range p.Table.Rows {
			cells := make([]cell, len(row))
			for i, value := range row {
				cells[i] = newCell(value, zone)
			}
			v.Rows = append(v.Rows, cells)
		}
	}
	return v
}
