package site

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Extra is an additional page of a record or of the list, with tables and an
// optional form.
type Extra struct {
	Name  string // in its URL
	Label string `text:""`
	Needs access.Permission
	Whole bool // it belongs to the list
	// Fits reports whether the page of a record links to it; nil for all.
	Fits func(Record) bool
	Show func(ctx context.Context, actor access.Actor, ask Ask) (Sheet, error)

	Fields []Field // of the form
	Button string  `text:""` // of the form
	Danger bool    // it cannot be undone
	Done   string  `text:""` // what the form did, a sentence; "" for a change of the record
	// Then returns the address to go to after the form; nil for the page of the record.
	Then func(id int64) string
	// Do processes the form; nil without a form.
	Do func(ctx context.Context, actor access.Actor, id int64, values map[string]string) error
}

// Ask is the request for a page.
type Ask struct {
	ID    int64      // of the record, 0 for a page of the list
	Query url.Values // of the URL
}

// Sheet is the content of a page.
type Sheet struct {
	Title     string
	Text      string // a sentence or two
	Tables    []SheetTable
	Next      string            // the address of the next page, "" for none
	Elsewhere string            // redirect to this address instead; "" for none
	Values    map[string]string // of the form when it is first shown, by name, if not Initial
}

// SheetTable is a table of a sheet. Each row has one cell per header.
type SheetTable struct {
	Title string
	Heads []string
	Rows  [][]Cell
	None  string // the text for an empty table
}

// Cell has one line per piece.
type Cell []Piece

// Piece is a text with an optional link.
type Piece struct {
	Text, URL string
	Quiet     bool
}

// extraView is an extra page.
type extraView struct {
	head

	Sheet    Sheet
	Views    []fieldView
	Reasoned bool
	Reason   string
	Button   string
	Danger   bool
	Failure  string
	Faults   int
	Back     string
}

// extraLinks returns links to the extra pages that the actor may open, below the
// path of a record, or of the list without one.
func (rs *Resource) extraLinks(actor access.Actor, path string, record *Record) (links []filterLink) {
	for i := range rs.Extras {
		e := &rs.Extras[i]
		unfit := record != nil && (e.Do != nil && record.Locked != "" || e.Fits != nil && !e.Fits(*record))
		if e.Whole == (record == nil) && !unfit && actor.Can(e.Needs) {
			links = append(links, filterLink{Label: e.Label, URL: path + e.Name + "/"})
		}
	}
	return links
}

// extraRoutes returns the routes of the extra pages.
func (s *Site) extraRoutes(res *Resource, record string) (routes []httpkit.Route) {
	for i := range res.Extras {
		e := &res.Extras[i]
		path := record
		if e.Whole {
			path = res.path()
		}
		show := s.extra(res, e, s.showExtra)
		if e.Do != nil {
			show = s.sensitive(res, show)
			routes = append(routes, httpkit.Post(path+e.Name+"/", e.Needs, s.sensitive(res, s.extra(res, e, s.doExtra))))
		}
		routes = append(routes, httpkit.Get(path+e.Name+"/", e.Needs, show))
	}
	return routes
}

// extra returns a handler that loads the record of an extra page and calls h.
func (s *Site) extra(res *Resource, e *Extra, h func(*Resource, *Extra, Record, http.ResponseWriter, *http.Request) error) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) (err error) {
		var record Record
		if !e.Whole {
			record, err = s.find(res, r, actor)
		}
		if err != nil {
			return err
		}
		return h(res, e, record, w, r)
	}
}

// showExtra answers GET for an extra page.
func (s *Site) showExtra(res *Resource, e *Extra, record Record, w http.ResponseWriter, r *http.Request) error {
	d := draft{status: http.StatusOK, record: &record}
	return s.renderExtra(res, e, d, w, r)
}

// doExtra answers POST for an extra page. It processes the form and redirects.
func (s *Site) doExtra(res *Resource, e *Extra, record Record, w http.ResponseWriter, r *http.Request) error {
	d := draft{record: &record, values: map[string]string{}, reason: reasonOf(r)}
	for _, f := range e.Fields {
		d.values[f.Name] = f.sent(r.PostForm)
	}
	err := e.Do(r.Context(), s.Door.Actor(r).Because(d.reason), record.ID, d.values)
	if d.refuse(err) {
		return s.renderExtra(res, e, d, w, r)
	}
	if err != nil {
		return err
	}
	if e.Done == "" {
		return s.saved(res, w, r, record, "changed")
	}
	s.notify(w, r, flash{Before: e.Done})
	target := res.recordPath(record.ID, "change")
	if e.Then != nil {
		target = e.Then(record.ID)
	}
	return httpkit.Redirect(w, http.StatusSeeOther, target)
}

func (s *Site) renderExtra(res *Resource, e *Extra, d draft, w http.ResponseWriter, r *http.Request) error {
	actor := s.Door.Actor(r)
	sheet, err := e.Show(r.Context(), actor, Ask{d.record.ID, r.URL.Query()})
	if err != nil {
		return err
	}
	if sheet.Elsewhere != "" {
		return httpkit.Redirect(w, http.StatusFound, sheet.Elsewhere)
	}
	if d.values == nil {
		d.values = e.initial(sheet)
	}
	steps, back := []crumb{{e.Label, ""}}, res.path()
	if !e.Whole {
		back = res.recordPath(d.record.ID, "change")
		steps = append([]crumb{{d.record.Name, back}}, steps...)
	}
	v := extraView{
		head: headOf(res, sheet.Title, steps...), Sheet: sheet, Button: e.Button, Danger: e.Danger, Failure: d.failure, Faults: len(d.faults), Back: back,
		Reasoned: e.Do != nil && res.Object != "", Reason: d.reason,
	}
	for _, f := range e.Fields {
		v.Views = append(v.Views, s.fieldView(f, actor, d, true))
	}
	return s.render(w, r, d.status, "admin_extra", &v)
}

// initial returns the values of the form when it is first shown.
func (e *Extra) initial(sheet Sheet) map[string]string {
	values := map[string]string{}
	for _, f := range e.Fields {
		values[f.Name] = cmp.Or(sheet.Values[f.Name], f.Initial)
	}
	return values
}

// refuse adds an error to the form and returns true, if the form can show it.
func (d *draft) refuse(err error) bool {
	e, ok := asFault(err)
	if !ok {
		return false
	}
	switch {
	case e.Kind == fault.Invalid && len(e.Fields) > 0:
		d.status = http.StatusUnprocessableEntity
	case e.Kind == fault.Denied:
		d.status = http.StatusForbidden
	case e.Kind == fault.Conflict:
		d.status = http.StatusConflict
	default:
		return false
	}
	d.faults = e.Fields
	if len(e.Fields) == 0 {
		d.failure = "Nothing was changed. " + e.Message
	}
	return true
}
