package site

import (
	"context"
	"net/http"
	"net/url"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Adder is a Source that records can be added to; Editor says more about values.
type Adder interface {
	Source
	// Create adds a record.
	Create(ctx context.Context, actor access.Actor, values map[string]string) (Record, error)
}

// Editor is a Source whose records can be added, changed and deleted. Values
// are texts by the names of fields. What is wrong with them is an error with
// the faults of fields.
type Editor interface {
	Adder
	// Update changes those fields of a record that values has. It is Outdated when
	// the record has another version.
	Update(ctx context.Context, actor access.Actor, id int64, version string, values map[string]string) (Record, error)
	// Delete deletes a record. It is Outdated when the record has another version.
	Delete(ctx context.Context, actor access.Actor, id int64, version string) error
}

// The names of what forms send beside the fields; those of the buttons are Django's.
const (
	versionField = "_version"
	beforePrefix = "initial-" // as Django calls the value that a field had
	saveContinue = "_continue"
	saveAnother  = "_addanother"
	justPreview  = "_preview"
	keptFilters  = "_changelist_filters" // of the list that led to the form
	reasonField  = "_reason"
)

// draft is a form as it was sent, or as it is first shown.
type draft struct {
	status   int               // of the answer that shows it
	record   *Record           // nil for a new one
	values   map[string]string // by field, those that can be filled in
	before   map[string]string // the values that the form began with
	version  string
	faults   fault.Fields
	failure  string            // why nothing was done, where that is about no field
	reason   string            // why it is to be done
	lives    bool              // the record may change by itself
	previews bool              // it is to be shown again, and nothing saved
	conflict bool              // another person changed the record meanwhile
	who      string            // that was, a sentence
	changes  []theirChange     // what they changed
	notes    map[string]string // by field, about that
}

// showAdd answers GET for the form of a new record. As in Django, the query may
// fill in fields.
func (s *Site) showAdd(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	d := draft{status: http.StatusOK, values: map[string]string{}}
	given := r.URL.Query()
	for _, f := range res.fields(true) {
		d.values[f.Name] = f.Initial
		if given.Has(f.Name) {
			d.values[f.Name] = f.sent(given)
		}
	}
	return s.renderForm(res, w, r, actor, d)
}

// add answers POST for a new record.
func (s *Site) add(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	d, err := readDraft(res, r, true)
	if err != nil {
		return err
	}
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

// showRecord answers GET for the form of a record, which is for reading alone
// for those who may not change it.
func (s *Site) showRecord(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	return s.renderForm(res, w, r, actor, draftOf(res, record))
}

// draftOf returns the form of a record as it is.
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

// change answers POST for a record. Only fields that are not as the form began
// are changed. When somebody else was faster the form comes back with what they did.
func (s *Site) change(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	d, err := readDraft(res, r, false)
	if err != nil {
		return err
	}
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

// find returns the record that the path names.
func (s *Site) find(res *Resource, r *http.Request, actor access.Actor) (Record, error) {
	id, err := idOf(r)
	if err != nil {
		return Record{}, err
	}
	return res.Source.Find(r.Context(), actor, id)
}

// editor returns the source of a resource that has forms.
func (rs *Resource) editor() Editor {
	editor, _ := rs.Source.(Editor)
	return editor
}

// adder returns the source of a resource that has a form for new records.
func (rs *Resource) adder() Adder {
	adder, _ := rs.Source.(Adder)
	return adder
}

// canAdd reports whether the actor may add records.
func (rs *Resource) canAdd(actor access.Actor) bool {
	return rs.adder() != nil && actor.Can(rs.guarded().Add())
}

// readDraft reads what a form sent, of a new record or not.
func readDraft(res *Resource, r *http.Request, isNew bool) (draft, error) {
	if err := readForm(r); err != nil {
		return draft{}, err
	}
	d := draft{
		status: http.StatusOK, values: map[string]string{}, before: map[string]string{}, version: r.PostForm.Get(versionField),
		reason: reasonOf(r), previews: res.Preview != nil && r.PostForm.Has(justPreview),
	}
	for _, f := range res.fields(isNew) {
		d.values[f.Name] = f.sent(r.PostForm)
		d.before[f.Name] = normalised(r.PostForm.Get(beforePrefix + f.Name))
	}
	return d, nil
}

// maxReason is how much of a reason is kept, in code points.
const maxReason = 255

// reasonOf returns the reason that a form gives, which is read already.
func reasonOf(r *http.Request) string {
	reason := []rune(r.PostForm.Get(reasonField))
	return string(reason[:min(len(reason), maxReason)])
}

// readForm reads the body; one that is not URL-encoded has no fields.
func readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, "The form could not be read.", err)
	}
	return nil
}

// changed returns the fields that are not as the form began.
func (d draft) changed(res *Resource) map[string]string {
	changed := map[string]string{}
	for _, f := range res.fields(false) {
		if value := d.values[f.Name]; value != d.before[f.Name] {
			changed[f.Name] = value
		}
	}
	return changed
}

// saved goes on where the button says, with a message: to the list, to the
// record or to an empty form.
func (s *Site) saved(res *Resource, w http.ResponseWriter, r *http.Request, record Record, done string) error {
	message := flash{Before: "The " + res.One + " “", Name: record.Name, After: "” was " + done + " successfully.", URL: res.recordPath(record.ID, "change")}
	if done == "" {
		message.After = "” is as it was: nothing was changed."
	}
	target := listOf(res, r)
	switch {
	case r.PostForm.Has(saveContinue):
		target = message.URL + keptQuery(r)
		message.After += " You may edit it again below."
	case r.PostForm.Has(saveAnother):
		target = res.path() + "add/" + keptQuery(r)
		message.After += " You may " + res.verb() + " another " + res.One + " below."
	case res.editor() == nil: // there is nothing to edit, but more to see than in the list
		target = message.URL
	}
	s.tell(w, r, message)
	return httpkit.Redirect(w, http.StatusSeeOther, target)
}

// listOf is the address of the list that led here, as it was.
func listOf(res *Resource, r *http.Request) string {
	values, err := url.ParseQuery(r.URL.Query().Get(keptFilters))
	if err != nil || len(values) == 0 {
		return res.path()
	}
	return res.path() + "?" + values.Encode()
}

// keptQuery is the query that leads back to the list from another form.
func keptQuery(r *http.Request) string { return keeping(r.URL.Query().Get(keptFilters)) }

// keeping is a query that leads back to a list with that query.
func keeping(query string) string {
	if query == "" {
		return ""
	}
	return "?" + url.Values{keptFilters: {query}}.Encode()
}
