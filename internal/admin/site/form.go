package site

import (
	"context"
	"net/http"
	"net/url"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Adder is a Source that can add records. See Editor for values.
type Adder interface {
	Source
	// Create adds a record.
	Create(ctx context.Context, actor access.Actor, values map[string]string) (Record, error)
}

// Editor is a Source that can add, change and delete records. Values are form text
// by field name. Invalid values are an error with faults of fields.
type Editor interface {
	Adder
	// Update changes the fields in values. The error is Outdated if the record has
	// another version.
	Update(ctx context.Context, actor access.Actor, id int64, version string, values map[string]string) (Record, error)
	// Delete deletes a record. The error is Outdated if the record has another version.
	Delete(ctx context.Context, actor access.Actor, id int64, version string) error
}

// Form parameters beside the fields; the names of the buttons are Django's.
const (
	versionField = "_version"
	beforePrefix = "initial-" // of the values when the form was loaded; Django's name
	saveContinue = "_continue"
	saveAnother  = "_addanother"
	justPreview  = "_preview"
	keptFilters  = "_changelist_filters" // the query of the list that linked to the form
	reasonField  = "_reason"
)

// draft is the state of a form, as submitted or as first shown.
type draft struct {
	status   int               // of the response that shows it
	record   *Record           // nil for a new one
	values   map[string]string // of editable fields, by name
	before   map[string]string // the values when the form was loaded
	version  string
	faults   fault.Fields
	failure  string            // an error that concerns no field
	reason   string            // for the audit trail
	lives    bool              // the record may change on the server
	previews bool              // only a preview was requested
	conflict bool              // the record has changed since the form was loaded
	who      string            // changed it, a sentence
	changes  []theirChange     // concurrent changes
	notes    map[string]string // about them, by field
}

// showAdd answers GET for the form of a new record. The query may set fields, as
// in Django.
func (s *Site) showAdd(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	d := draft{status: http.StatusOK, values: map[string]string{}}
	given := r.URL.Query()
	for _, f := range res.fields(true) {
		if f.locked(actor) != "" {
			continue
		}
		d.values[f.Name] = f.Initial
		if given.Has(f.Name) {
			d.values[f.Name] = f.sent(given)
		}
	}
	return s.renderForm(res, w, r, actor, d)
}

// add answers POST for a new record.
func (s *Site) add(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	d := readDraft(res, r, true)
	if d.previews {
		return s.renderForm(res, w, r, actor, d)
	}
	record, err := res.adder().Create(r.Context(), actor.Because(d.reason), d.values)
	if d.refuse(err) {
		return s.renderForm(res, w, r, actor, d)
	}
	if err != nil {
		return err
	}
	return s.saved(res, w, r, record, res.verbed())
}

// showRecord answers GET for the form of a record. Without the permission to
// change it the form is read-only.
func (s *Site) showRecord(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	return s.renderForm(res, w, r, actor, draftOf(res, record))
}

// draftOf returns the form of an unchanged record.
func draftOf(res *Resource, record Record) draft {
	d := draft{
		status: http.StatusOK, record: &record, values: map[string]string{}, before: map[string]string{}, version: record.Version,
		lives: res.editor() == nil && len(res.Buttons) > 0,
	}
	for _, f := range res.fields(false) {
		d.values[f.Name] = textOf(record.Values[f.Name])
		d.before[f.Name] = d.values[f.Name]
	}
	return d
}

// change answers POST for a record. It updates only the fields that were edited.
// If the record has changed meanwhile it shows the form with both changes.
func (s *Site) change(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	d := readDraft(res, r, false)
	if d.record = &record; d.previews {
		return s.renderForm(res, w, r, actor, d)
	}
	changed := d.changed(res)
	if len(changed) == 0 && d.version == record.Version {
		return s.saved(res, w, r, record, "")
	}
	after, err := res.editor().Update(r.Context(), actor.Because(d.reason), record.ID, d.version, changed)
	switch {
	case fault.KindOf(err) == fault.Outdated:
		return s.showConflict(res, w, r, actor, d)
	case d.refuse(err):
		return s.renderForm(res, w, r, actor, d)
	case err != nil:
		return err
	}
	return s.saved(res, w, r, after, "changed")
}

// find returns the record in the path.
func (s *Site) find(res *Resource, r *http.Request, actor access.Actor) (Record, error) {
	id, err := idOf(r)
	if err != nil {
		return Record{}, err
	}
	return res.Source.Find(r.Context(), actor, id)
}

// editor returns the Editor of a resource, nil for none.
func (rs *Resource) editor() Editor {
	editor, _ := rs.Source.(Editor)
	return editor
}

// adder returns the Adder of a resource, nil for none.
func (rs *Resource) adder() Adder {
	adder, _ := rs.Source.(Adder)
	return adder
}

// canAdd reports whether the actor may add records.
func (rs *Resource) canAdd(actor access.Actor) bool {
	return rs.adder() != nil && actor.Can(rs.guarded().Add())
}

// readDraft reads a submitted form, of a new record or not.
func readDraft(res *Resource, r *http.Request, isNew bool) draft {
	d := draft{
		status: http.StatusOK, values: map[string]string{}, before: map[string]string{}, version: r.PostForm.Get(versionField),
		reason: reasonOf(r), previews: res.Preview != nil && r.PostForm.Has(justPreview),
	}
	for _, f := range res.fields(isNew) {
		d.values[f.Name] = f.sent(r.PostForm)
		d.before[f.Name] = normalised(r.PostForm.Get(beforePrefix + f.Name))
	}
	return d
}

// maxReason is the maximum length of a reason, in code points.
const maxReason = 255

// reasonOf returns the reason in a parsed form.
func reasonOf(r *http.Request) string {
	reason := []rune(r.PostForm.Get(reasonField))
	return string(reason[:min(len(reason), maxReason)])
}

// changed returns the fields that were edited.
func (d draft) changed(res *Resource) map[string]string {
	changed := map[string]string{}
	for _, f := range res.fields(false) {
		if value := d.values[f.Name]; value != d.before[f.Name] {
			changed[f.Name] = value
		}
	}
	return changed
}

// saved redirects with a message to where the button says: the list, the record or
// an empty form.
func (s *Site) saved(res *Resource, w http.ResponseWriter, r *http.Request, record Record, done string) error {
	message := s.about(s.texts.T("The %s “%s” was %s successfully.", res.One, nameMark, done), record.Name)
	if done == "" {
		message = s.about(s.texts.T("The %s “%s” was not changed.", res.One, nameMark), record.Name)
	}
	message.URL = res.recordPath(record.ID, "change")
	target := listOf(res, r)
	switch {
	case r.PostForm.Has(saveContinue):
		target = message.URL + keptQuery(r)
		message.After += " " + s.texts.T("You may edit it again below.")
	case r.PostForm.Has(saveAnother):
		target = res.path() + "add/" + keptQuery(r)
		message.After += " " + s.texts.T("You may %s another %s below.", res.verb(), res.One)
	case res.editor() == nil: // the record shows more than the list
		target = message.URL
	}
	s.notify(w, r, message)
	return httpkit.Redirect(w, http.StatusSeeOther, target)
}

// listOf returns the address of the list that linked here.
func listOf(res *Resource, r *http.Request) string {
	values, err := url.ParseQuery(r.URL.Query().Get(keptFilters))
	if err != nil || len(values) == 0 {
		return res.path()
	}
	return res.path() + "?" + values.Encode()
}

// keptQuery returns the query that preserves the query of the list.
func keptQuery(r *http.Request) string { return keeping(r.URL.Query().Get(keptFilters)) }

// keeping returns a query that preserves the query of a list.
func keeping(query string) string {
	if query == "" {
		return ""
	}
	return "?" + url.Values{keptFilters: {query}}.Encode()
}
