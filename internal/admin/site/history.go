package site

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// Trail reads the audit trail; *audit.Trail implements it.
type Trail interface {
	// History returns up to limit entries about an object, the newest first. It needs
	// the permission view.
	History(ctx context.Context, actor access.Actor, view access.Permission, o audit.Object, limit int) ([]audit.Row, error)
	// Recent returns up to limit recent entries of the actor.
	Recent(ctx context.Context, actor access.Actor, limit int) ([]audit.Row, error)
}

// maxHistory is the maximum number of entries in a history.
const maxHistory = 200

// historyView is the history of a record.
type historyView struct {
	head

	Resource *Resource
	Entries  []entryView
	Cut      bool   // older entries are not shown
	Record   string // the address of the form, "" for a deleted record
}

// entryView is an audit entry.
type entryView struct {
	When    cell
	Actor   string
	Did     string // created, changed, ...
	Object  string
	URL     string // of the object, "" for none
	Changes []changeView
	Address string
	Request string
	Reason  string
}

// changeView is a changed field.
type changeView struct{ Field, Old, New string }

// showHistory answers GET for the history of a record, which may be deleted.
func (s *Site) showHistory(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	record, gone := res.Source.Find(r.Context(), actor, id)
	if gone != nil && fault.KindOf(gone) != fault.NotFound {
		return gone
	}
	rows, err := s.Trail.History(r.Context(), actor, res.guarded().View(), audit.Object{Type: res.Object, ID: id}, maxHistory+1)
	if err != nil {
		return err
	}
	if gone != nil && len(rows) == 0 {
		return gone
	}
	name, form := record.Name, ""
	if gone == nil {
		form = res.recordPath(id, "change") + keptQuery(r)
	} else {
		name = rows[0].Object.Name
	}
	v := historyView{
		head:     headOf(res, s.texts.T("History of %s", name), crumb{name, form}, crumb{s.texts.T("History"), ""}),
		Resource: res, Cut: len(rows) > maxHistory, Record: form,
	}
	for i := range rows[:min(len(rows), maxHistory)] {
		v.Entries = append(v.Entries, s.entryView(&rows[i]))
	}
	return s.render(w, r, http.StatusOK, "admin_history", &v)
}

// did has the verbs of audit actions.
var did = map[audit.Action]string{audit.Create: "Created", audit.Update: "Changed", audit.Delete: "Deleted", audit.Restore: "Restored", audit.Purge: "Deleted for good"}

func (s *Site) entryView(row *audit.Row) entryView {
	v := entryView{
		When: newCell(s.texts, row.At, s.Zone), Actor: row.Actor, Did: s.texts.T(did[row.Action]), Object: row.Object.Name,
		Address: row.Origin.Address, Request: row.Origin.RequestID, Reason: row.Reason,
	}
	if v.Did == "" {
		v.Did = s.texts.T(capitalised(string(row.Action)))
	}
	for i := range s.Resources {
		if res := &s.Resources[i]; res.Object == row.Object.Type && row.Object.ID > 0 {
			v.URL = res.recordPath(row.Object.ID, "history")
		}
	}
	for _, c := range row.Changes {
		v.Changes = append(v.Changes, changeView{s.fieldLabel(row.Object.Type, c.Field), s.shownValue(c.Old), s.shownValue(c.New)})
	}
	return v
}

// fieldLabel returns the label of a field of a kind of object.
func (s *Site) fieldLabel(object, field string) string {
	for i := range s.Resources {
		if s.Resources[i].Object != object {
			continue
		}
		for _, f := range s.Resources[i].fields(true) {
			if f.Name == field {
				return f.Label
			}
		}
	}
	return field
}

// shownValue formats a value of a change.
func (s *Site) shownValue(value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case bool:
		return newCell(s.texts, v, time.UTC).Text
	case string:
		if v == "" {
			return s.texts.T("(empty)")
		}
		return v
	}
	return fmt.Sprint(value)
}

// lastChange returns a sentence about the last change of a record, "" if unknown.
func (s *Site) lastChange(ctx context.Context, res *Resource, actor access.Actor, id int64) string {
	if res.Object == "" {
		return ""
	}
	rows, err := s.Trail.History(ctx, actor, res.guarded().View(), audit.Object{Type: res.Object, ID: id}, 1)
	if err != nil || len(rows) == 0 {
		return ""
	}
	return s.texts.T("The last change was made by %s on %s.", rows[0].Actor, newCell(s.texts, rows[0].At, s.Zone).Text)
}
