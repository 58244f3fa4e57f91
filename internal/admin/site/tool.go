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
	"roster/internal/httpkit/chart"
)

// Tool is a check of all records of a resource, run by a button of its list.
type Tool struct {
	Name  string // in its URL
	Label string `text:""`
	Needs access.Permission
	Run   func(ctx context.Context, actor access.Actor) (Finding, error)
}

// Finding is the result of a tool.
type Finding struct {
	Good     bool
	Text     string   // a sentence
	Problems []string // each a sentence
}

// findingView is the data of the page of a finding.
type findingView struct {
	head
	Finding

	Resource *Resource
}

// runTool answers POST for a tool.
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

// Button is an action on one record, run by a button of its page.
type Button struct {
	Name   string // in its URL
	Label  string `text:""`
	Danger bool   // it cannot be undone
	Needs  access.Permission
	// Fits reports whether a record has the button; nil for all.
	Fits func(Record) bool
	Run  func(ctx context.Context, actor access.Actor, id int64) (Outcome, error)
}

// Outcome is the result of a button.
type Outcome struct {
	Text string     // a sentence; its beginning if Made is set
	Made shown.Link // the end of the sentence, a link to a new record; zero for none
	// Field is the name of a field. The page shows its value after the text, and
	// keeps it up to date. "" for none.
	Field string
}

// buttons returns the buttons of a record that the actor may use.
func (rs *Resource) buttons(actor access.Actor, record Record) []Button {
	return slices.DeleteFunc(slices.Clone(rs.Buttons), func(b Button) bool {
		return record.Locked != "" || !actor.Can(b.Needs) || b.Fits != nil && !b.Fits(record)
	})
}

// sentenceOf returns the messages of an error.
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

// pressButton answers POST for a button. It redirects to the record with a message
// about the result or the refusal.
func (s *Site) pressButton(res *Resource, button Button) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		record, err := s.find(res, r, actor)
		if err != nil {
			return err
		}
		outcome, err := button.Run(r.Context(), actor, record.ID)
		message := flash{Before: s.texts.Message(outcome.Text), Field: outcome.Field}
		if outcome.Made != (shown.Link{}) {
			message = flash{Before: s.texts.T(outcome.Text) + " ", Name: s.texts.Message(outcome.Made.Text), URL: outcome.Made.URL, After: "."}
		}
		if f, ok := asFault(err); ok && (f.Kind == fault.Conflict || f.Kind == fault.Invalid || f.Kind == fault.Unprocessable) {
			message, err = flash{Before: s.texts.Message(sentenceOf(f)), Bad: true}, nil
		}
		if err != nil {
			return err
		}
		s.notify(w, r, message)
		return httpkit.Redirect(w, http.StatusSeeOther, res.recordPath(record.ID, "change")+keptQuery(r))
	}
}

// View is a page about several resources. It reloads while it is open.
type View struct {
	App, Name string // where it is in URLs
	Title     string `text:""`
	Short     string `text:""` // the name in the navigation, if not Title
	Icon      string // as in Resource
	Of        string `text:""` // the name of the application, as in Resource.App
	Needs     access.Permission
	Load      func(ctx context.Context, actor access.Actor) ([]Panel, error)
}

// Panel is a part of a view with facts, charts and a table, each optional.
type Panel struct {
	Title  string
	Help   string
	Facts  []Fact
	Charts []chart.Chart
	Table  *Table
	More   shown.Link // to details
	Wide   bool       // it takes the full width
}

// Fact is a value with a label.
type Fact struct {
	Label  string
	Value  any // as in Record.Values
	URL    string
	Before shown.Link // the value of the period before; zero for none
}

// Table has rows of values as in Record.Values.
type Table struct {
	Columns []string
	Rows    [][]any
	Empty   string // the text for no rows
}

func (v View) path() string { return "/admin/" + v.App + "/" + v.Name + "/" }

// viewView is the data of the page of a view.
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

	Cell cell
}

// showView answers GET for a view.
func (s *Site) showView(view View) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		panels, err := view.Load(r.Context(), actor)
		if err != nil {
			return err
		}
		crumbs := []crumb{{s.texts.T("Admin"), "/admin/"}, {view.Of, "/admin/" + view.App + "/"}, {view.Title, ""}}
		v := viewView{head: head{Title: view.Title, Crumbs: crumbs}}
		for _, p := range panels {
			v.Panels = append(v.Panels, s.newPanelView(p, actor))
		}
		return s.render(w, r, http.StatusOK, "admin_view", &v)
	}
}

func (s *Site) newPanelView(p Panel, actor access.Actor) panelView {
	p.Title, p.Help, p.More.Text = s.texts.T(p.Title), s.texts.Message(p.Help), s.texts.T(p.More.Text)
	v := panelView{Panel: p}
	for _, f := range p.Facts {
		f.Label, f.Before.Text = s.texts.T(f.Label), s.texts.Message(f.Before.Text)
		v.Cells = append(v.Cells, factView{f, newCell(s.texts, f.Value, s.Zone)})
	}
	if p.Table != nil {
		for _, row := range p.Table.Rows {
			cells := make([]cell, len(row))
			for i, value := range row {
				cells[i] = s.cellOf(actor, value)
				if at, ok := value.(time.Time); ok {
					cells[i].Text = s.texts.Ago(at.In(s.Zone), s.now())
				}
			}
			v.Rows = append(v.Rows, cells)
		}
	}
	return v
}
