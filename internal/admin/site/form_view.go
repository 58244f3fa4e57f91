package site

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site/shown"
	"roster/internal/fault"
	"roster/internal/lang"
)

// formView is the form of a record.
type formView struct {
	head

	Resource  *Resource
	IsNew     bool
	CanSave   bool
	CanAdd    bool
	CanDelete bool
	Locked    string // see Record
	Editable  bool   // the resource has an Editor
	Buttons   []Button
	Moves     bool
	Preview   *previewView
	// PreviewAfter is the index of the section before the preview, -1 for none.
	PreviewAfter int
	Fieldsets    []fieldsetView
	Sectioned    bool // some Boxes have sections
	Version      string
	Action       string
	Conflict     bool // see draft
	Who          string
	Changes      []theirChange
	Faults       int
	Failure      string
	Reasoned     bool
	Reason       string
	Extras       []filterLink
	Fresh        string // the address of the form without the changes
	Downloads    []filterLink
	Headline     []factView
	Tabs         []filterLink
	Tab          *tabView // nil for the form
	Previous     *filterLink
	Next         *filterLink
	Delete       string
	History      string
	List         string
}

// fieldsetView is a section of a form with its state.
type fieldsetView struct {
	Fieldset

	Views []fieldView
}

// Opened reports whether a folded section is open.
func (fs fieldsetView) Opened() bool {
	return slices.ContainsFunc(fs.Views, func(v fieldView) bool {
		return len(v.Faults) > 0 || v.Note != "" || v.Display == nil && v.Value != v.Initial
	})
}

// ofRecord sets what the form of an existing record shows beside its fields.
func (s *Site) ofRecord(v *formView, res *Resource, r *http.Request, actor access.Actor, record *Record) (err error) {
	query := keptQuery(r)
	free := v.Editable && record.Locked == ""
	v.CanSave = free && actor.Can(res.guarded().Change())
	v.CanDelete = free && actor.Can(res.guarded().Delete())
	if actor.Can(res.guarded().Change()) {
		v.Locked = record.Locked
	}
	v.Buttons = res.buttons(actor, *record)
	v.Moves = record.Moves
	v.head = headOf(res, record.Name, crumb{record.Name, ""})
	v.Extras = res.extraLinks(actor, res.path()+strconv.FormatInt(record.ID, 10)+"/", record)
	v.Fresh = res.recordPath(record.ID, "change") + query
	v.Delete = res.recordPath(record.ID, "delete") + query
	if res.Object != "" {
		v.History = res.recordPath(record.ID, "history") + query
	}
	v.Downloads = res.downloads(actor, record.ID)
	if res.Headline != nil {
		v.Headline = s.newPanelView(Panel{Facts: res.Headline(*record)}, actor).Cells
	}
	v.Tabs = res.tabs(actor, record.ID, r.URL.Query())
	if v.Tab, err = s.tab(res, r, actor, record.ID); err != nil {
		return err
	}
	v.Previous, v.Next, err = s.neighbors(res, r, actor, record.ID)
	return err
}

// renderForm answers with the form.
func (s *Site) renderForm(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor, d draft) error {
	v := formView{
		PreviewAfter: -1,
		Resource:     res, IsNew: d.record == nil, Version: d.version, Action: keptQuery(r), Conflict: d.conflict, Who: d.who, Changes: d.changes, Faults: len(d.faults), Failure: d.failure, Reason: d.reason, List: listOf(res, r),
	}
	v.CanAdd, v.Editable = res.canAdd(actor), res.editor() != nil
	if v.IsNew {
		v.CanSave = v.CanAdd
		title := res.adding()
		v.head = headOf(res, title, crumb{title, ""})
	} else if err := s.ofRecord(&v, res, r, actor, d.record); err != nil {
		return err
	}
	v.Reasoned = v.CanSave && res.Object != ""
	v.Fieldsets = s.fieldsets(res, actor, d, v.CanSave)
	if err := offer(r.Context(), actor, v.Fieldsets); err != nil {
		return err
	}
	v.Sectioned = v.CanSave && hasSections(v.Fieldsets)
	if res.Preview != nil && (v.CanSave || !v.IsNew) {
		if err := s.preview(res, r, actor, d, &v); err != nil {
			return err
		}
	}
	return s.render(w, r, d.status, "admin_form", &v)
}

// Preview explains the values of a form; record is nil for a new one. It also
// explains invalid values.
type Preview func(ctx context.Context, actor access.Actor, record *Record, values map[string]string) (Meaning, error)

// Meaning is the result of a preview.
type Meaning struct {
	Title string
	Text  string // a sentence
	Bad   bool   // the values are invalid
	Items []any  // as Record has values
}

type previewView struct {
	Meaning

	Cells []cell
	Asks  bool // the preview can be refreshed
}

// preview adds the preview.
func (s *Site) preview(res *Resource, r *http.Request, actor access.Actor, d draft, v *formView) error {
	meaning, err := res.Preview(r.Context(), actor, d.record, d.values)
	if err != nil {
		return err
	}
	v.Preview = &previewView{Meaning: meaning, Asks: v.CanSave}
	v.PreviewAfter = len(v.Fieldsets) - 1
	for i, set := range v.Fieldsets {
		if set.When != (When{}) {
			v.PreviewAfter = i
		}
	}
	for _, item := range meaning.Items {
		v.Preview.Cells = append(v.Preview.Cells, newCell(s.texts, item, s.Zone))
	}
	return nil
}

// page is a view with a head.
type page interface {
	begin(f *flash)
}

func (h *head) begin(f *flash) { h.Flash = f }

// begin also adds the present value of a field to a message about it.
func (v *formView) begin(f *flash) {
	v.head.begin(f)
	if f == nil || f.Field == "" {
		return
	}
	for _, set := range v.Fieldsets {
		for i := range set.Views {
			if set.Views[i].Name == f.Field {
				f.Now = set.Views[i].Display
				f.Bad = f.Bad || f.Now != nil && f.Now.Tone == shown.Bad
			}
		}
	}
}

// render answers with a page and the pending message.
func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) error {
	p.begin(s.notice(w, r))
	return s.Pages.Render(w, r, status, name, p)
}

// fieldsets returns the sections of the form. The form of a new record has no
// read-only fields.
func (s *Site) fieldsets(res *Resource, actor access.Actor, d draft, canSave bool) (sets []fieldsetView) {
	for _, set := range res.Fieldsets {
		if !canSave && !set.When.holds(d.values) {
			continue
		}
		view := fieldsetView{Fieldset: set}
		for _, f := range set.Fields {
			if f.isIn(d, canSave) {
				view.Views = append(view.Views, s.fieldView(f, actor, d, canSave))
			}
		}
		if len(view.Views) > 0 {
			sets = append(sets, view)
		}
	}
	return sets
}

// isIn reports whether a form has the field.
func (f Field) isIn(d draft, canSave bool) bool {
	if !canSave && !f.When.holds(d.values) {
		return false
	}
	if d.record == nil {
		return !f.ReadOnly && !f.OnChange
	}
	return !f.OnAdd && (!f.HideEmpty || d.record.Values[f.Name] != nil)
}

// offer loads the choices of fields.
func offer(ctx context.Context, actor access.Actor, sets []fieldsetView) error {
	for i := range sets {
		set := &sets[i]
		var err error
		if set.Presets, err = set.presets(ctx, actor); err != nil {
			return err
		}
		for i := range set.Views {
			v := &set.Views[i]
			if v.Choices == nil {
				continue
			}
			choices, err := v.Choices(ctx, actor)
			if err != nil {
				return err
			}
			v.choose(choices)
		}
	}
	return nil
}

func hasSections(sets []fieldsetView) bool {
	return slices.ContainsFunc(sets, func(set fieldsetView) bool {
		return slices.ContainsFunc(set.Views, func(v fieldView) bool { return len(v.Sections) > 0 })
	})
}

func (s *Site) fieldView(f Field, actor access.Actor, d draft, canSave bool) fieldView {
	v := fieldView{Field: f, Value: d.values[f.Name], Before: d.before[f.Name], Note: d.notes[f.Name]}
	if f.Widget == Password {
		v.Value, v.Before = "", ""
	}
	for _, field := range d.faults {
		if field.Name == f.Name {
			v.Faults = field.Messages
		}
	}
	locked := f.locked(actor)
	switch {
	case f.ReadOnly || !canSave || locked != "" && d.record != nil:
		c := s.cellOf(actor, d.record.Values[f.Name])
		v.Display, v.Live = &c, d.lives
	case locked != "":
		c := s.cellOf(actor, f.shownText(s.texts, ""))
		v.Display = &c
	}
	if canSave {
		v.Why = locked
	}
	return v
}

// asFault returns the fault.Error in a chain.
func asFault(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }

// theirChange is a field that another person changed while the form was open.
type theirChange struct {
	Label, Was, Now, Mine string
	Both                  bool // the form changes it as well
}

// showConflict shows the form with the current values of the record and the edits
// of the form, with a note at each field that another person changed.
func (s *Site) showConflict(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor, d draft) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	now := draftOf(res, record)
	now.conflict, now.notes = true, map[string]string{}
	now.who = s.lastChange(r.Context(), res, actor, record.ID)
	now.reason = d.reason
	for _, f := range res.fields(false) {
		was, mine, theirs := d.before[f.Name], d.values[f.Name], now.before[f.Name]
		if mine != was {
			now.values[f.Name] = mine
		}
		if theirs == was || theirs == mine {
			continue
		}
		change := theirChange{
			Label: f.Label, Was: f.shownText(s.texts, was), Now: f.shownText(s.texts, theirs), Mine: f.shownText(s.texts, mine), Both: mine != was,
		}
		now.changes = append(now.changes, change)
		now.notes[f.Name] = change.note(s.texts)
	}
	now.status = http.StatusConflict
	return s.renderForm(res, w, r, actor, now)
}

// note returns the text at the field.
func (c theirChange) note(l *lang.Language) string {
	if c.Both {
		return l.T("Changed meanwhile to “%s”. Saving overwrites it.", cut(c.Now))
	}
	return l.T("Changed meanwhile from “%s”.", cut(c.Was))
}

// cut shortens a text for a sentence.
func cut(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + "…"
	}
	return s
}
