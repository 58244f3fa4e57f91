package site

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Tool is something that can be looked into about all records of a resource,
// by a button of its list.
type Tool struct {
	Name  string // in its URL
	Label string
	Needs access.Permission
	Run   func(ctx context.Context, actor access.Actor) (Finding, error)
}

// Finding is what a tool found.
type Finding struct {
	Good     bool
	Text     string   // a sentence
	Problems []string // each a sentence
}

// findingView is what a tool found, as a page.
type findingView struct {
	head
	Finding

	Resource *Resource
}

// runTool answers POST for the tool that the path names.
func (s *Site) runTool(res *Resource, tool Tool) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		finding, err := tool.Run(r.Context(), actor)
		if err != nil {
			return err
		}
		return s.render(w, r, http.StatusOK, "admin_finding", &findingView{
			head: headOf(res, tool.Label, crumb{tool.Label, ""}), Finding: finding, Resource: res,
		})
	}
}

// Button is something that can be done to one record, by a button of its page.
type Button struct {
	Name   string // in its URL
	Label  string
	Danger bool // what it does cannot be undone
	Needs  access.Permission
	// Fits reports whether there is such a button for a record; nil: for all.
	Fits func(Record) bool
	Run  func(ctx context.Context, actor access.Actor, id int64) (Outcome, error)
}

// Outcome is what a button did, in words.
type Outcome struct {
	Text string     // a sentence, without its end when something was made
	Made shown.Link // what it made, if anything: the sentence ends with it
}

// buttons returns those that the actor may press for a record.
func (rs *Resource) buttons(actor access.Actor, record Record) []Button {
	return slices.DeleteFunc(slices.Clone(rs.Buttons), func(b Button) bool {
		return !actor.Can(b.Needs) || b.Fits != nil && !b.Fits(record)
	})
}

// sentenceOf says why something was refused.
func sentenceOf(f *fault.Error) string {
	var sentences []string
	if f.Message != "" {
		sentences = append(sentences, f.Message)
	}
	for _, field := range f.Fields {
		sentences = append(sentences, field.Messages...)
	}
	return strings.Join(sentences, " ")
}

// pressButton answers POST for a button of a record: it leads back to the
// record, which says what came of it. What cannot be done any more is said, too.
func (s *Site) pressButton(res *Resource, button Button) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		record, err := s.find(res, r, actor)
		if err != nil {
			return err
		}
		outcome, err := button.Run(r.Context(), actor, record.ID)
		message := flash{Before: outcome.Text}
		if outcome.Made != (shown.Link{}) {
			message = flash{Before: outcome.Text + " ", Name: outcome.Made.Text, URL: outcome.Made.URL, After: "."}
		}
		if f, ok := asFault(err); ok && (f.Kind == fault.Conflict || f.Kind == fault.Invalid || f.Kind == fault.Unprocessable) {
			message, err = flash{Before: sentenceOf(f), Bad: true}, nil
		}
		if err != nil {
			return err
		}
		s.tell(w, r, message)
		return httpkit.Redirect(w, http.StatusSeeOther, res.recordPath(record.ID, "change")+keptQuery(r))
	}
}

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
