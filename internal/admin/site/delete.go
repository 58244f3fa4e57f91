package site

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// deleteView is the confirmation before a record is deleted.
type deleteView struct {
	head

	Resource *Resource
	Name     string
	Version  string
	Action   string
	Outdated bool // the record has changed since the confirmation was shown
	Failure  string
	Reasoned bool
	Reason   string
	Effects  []string // what else happens, sentences
	Fields   []deletedField
	Back     string
}

// deletedField is a field of the record.
type deletedField struct {
	Label string
	cell
}

// showDelete answers GET for the confirmation.
func (s *Site) showDelete(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	return s.askDelete(res, w, r, actor, draft{status: http.StatusOK, record: &record})
}

func (s *Site) askDelete(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor, d draft) error {
	record := *d.record
	back := res.recordPath(record.ID, "change") + keptQuery(r)
	v := deleteView{
		head:     headOf(res, s.texts.T("Delete %s?", record.Name), crumb{record.Name, back}, crumb{s.texts.T("Delete"), ""}),
		Resource: res, Name: record.Name, Version: record.Version, Action: keptQuery(r), Outdated: d.conflict, Back: back,
		Failure: d.failure, Reasoned: res.Object != "", Reason: d.reason,
	}
	if res.Consequences != nil {
		var err error
		if v.Effects, err = res.Consequences(r.Context(), actor, record.ID); err != nil {
			return err
		}
	}
	values := draftOf(res, record).values
	for _, set := range res.Fieldsets {
		if !set.When.holds(values) {
			continue
		}
		for _, f := range set.Fields {
			if f.OnAdd || !f.When.holds(values) {
				continue
			}
			v.Fields = append(v.Fields, deletedField{f.Label, newCell(s.texts, record.Values[f.Name], s.Zone)})
		}
	}
	return s.render(w, r, d.status, "admin_delete", &v)
}

// remove answers POST. It deletes the record, unless it has changed since the
// confirmation was shown.
func (s *Site) remove(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	record, err := s.find(res, r, actor)
	if err != nil {
		return err
	}
	d := draft{record: &record, reason: reasonOf(r)}
	err = res.editor().Delete(r.Context(), actor.Because(d.reason), record.ID, r.PostForm.Get(versionField))
	if fault.KindOf(err) == fault.Outdated {
		if record, err = s.find(res, r, actor); err == nil {
			d.conflict, d.status = true, http.StatusConflict
			return s.askDelete(res, w, r, actor, d)
		}
	}
	if d.refuse(err) {
		return s.askDelete(res, w, r, actor, d)
	}
	if err != nil {
		return err
	}
	done := s.about(s.texts.T("The %s “%s” was deleted successfully.", res.One, nameMark), record.Name)
	done.Undo = s.undoDelete(res, r, actor, record.ID)
	s.notify(w, r, done)
	return httpkit.Redirect(w, http.StatusSeeOther, listOf(res, r))
}
