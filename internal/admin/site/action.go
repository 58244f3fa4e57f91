package site

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Action is a bulk action on records of a list.
type Action struct {
	Name     string // Django's, where it has such an action: "delete_selected"
	Label    string `text:""` // with "selected" and the name of records: "Delete selected users"
	Question string `text:""` // the title of the confirmation: "Delete these users?"
	Warning  string `text:""` // about consequences, a sentence; may be empty
	Done     string `text:""` // "deleted"
	Danger   bool   // it cannot be undone
	Needs    access.Permission
	Undo     string // the name of the action that reverts it; "" for none
	Hidden   bool   // it only reverts others, so lists do not offer it
	// Affected returns how many of the selected records the action changes; nil if
	// it changes all.
	Affected func(ctx context.Context, actor access.Actor, b Batch) (int64, error)
	// Run applies the action to all records of a batch or to none.
	Run func(ctx context.Context, actor access.Actor, b Batch) (Step, error)
}

// Batch selects records: those of IDs or, without IDs, a range of those that Query
// selects.
type Batch struct {
	IDs            []int64
	Query          Query
	After, Through int64 // of those, IDs above After up to Through
}

// Step is the result of a batch.
type Step struct {
	Changed, Skipped int
	IDs              []int64 // of the changed records, for Undo
	Last             int64   // the After of the next batch; 0 after the last one
}

// Bulk is a Source whose actions can run on all records that a query selects.
type Bulk interface {
	// Extent returns the number of records that q selects, and their highest ID.
	Extent(ctx context.Context, actor access.Actor, q Query) (count, through int64, err error)
}

// The fields of the form of a list; most names are Django's.
const (
	actionField   = "action"
	selectedField = "_selected_action"
	acrossField   = "select_across"
	workField     = "work"
)

// actions returns the actions that the actor may run.
func (rs *Resource) actions(actor access.Actor) []Action {
	return slices.DeleteFunc(slices.Clone(rs.Actions), func(a Action) bool { return a.Hidden || !actor.Can(a.Needs) })
}

// action returns the action of that name.
func (rs *Resource) action(name string) (Action, error) {
	i := slices.IndexFunc(rs.Actions, func(a Action) bool { return a.Name == name })
	if i < 0 {
		return Action{}, fault.New(fault.NotFound, "Not found.")
	}
	return rs.Actions[i], nil
}

// chooseAction answers POST for a list. It redirects to the confirmation of the
// action.
func (s *Site) chooseAction(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	st, ok := parseState(res, r.URL.Query(), s.Zone)
	if !ok {
		return fault.New(fault.Invalid, "The form could not be read.")
	}
	name := r.PostForm.Get(actionField)
	if name == "" {
		return s.refuseAction(w, r, st, s.texts.T("No action selected."))
	}
	action, err := res.action(name)
	if err == nil {
		err = actor.Check(action.Needs)
	}
	if err != nil {
		return err
	}
	k := work{Resource: res.path(), Action: name, Actor: actor.ID(), List: st.values().Encode()}
	if err := s.gather(r, actor, st, &k); err != nil {
		return err
	}
	if k.Total == 0 {
		return s.refuseAction(w, r, st, s.texts.T("Items must be selected in order to perform actions on them. No items have been changed."))
	}
	return s.goToWork(w, res, k)
}

// gather sets the records that are selected.
func (s *Site) gather(r *http.Request, actor access.Actor, st state, k *work) (err error) {
	if bulk, ok := st.res.Source.(Bulk); ok && r.PostForm.Get(acrossField) == "1" {
		k.Total, k.Through, err = bulk.Extent(r.Context(), actor, st.query(s.Zone))
		return err
	}
	selected := r.PostForm[selectedField]
	for _, text := range selected[:min(len(selected), sizes[len(sizes)-1])] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
			k.IDs = append(k.IDs, id)
		}
	}
	k.Total = int64(len(k.IDs))
	return nil
}

// refuseAction redirects to the list with a message.
func (s *Site) refuseAction(w http.ResponseWriter, r *http.Request, st state, why string) error {
	s.notify(w, r, flash{Before: why, Bad: true})
	return httpkit.Redirect(w, http.StatusSeeOther, st.url())
}

// workView is the confirmation, the progress or the result of an action.
type workView struct {
	head

	Resource *Resource
	Action   Action
	Asks     bool
	Filters  []filterLink // of the list, if the action runs on all of it
	Whole    bool         // the action runs on all of the list
	Same     string       // the number of records that the action does not change; "" for none
	Undo     *undoView
	Reasoned bool
	Reason   string
	Finished bool
	Amount   string // of the records that the action changes: "50,000 users"
	Confirm  string // the label of the button: "Delete 50,000 users"
	Names    []string
	More     string // the number of records without a name here; "" for none
	Progress work
	Text     string
	Work     string // the state, for the next step
	URL      string
	List     string
}

// showWork answers GET for the action in the path.
func (s *Site) showWork(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	k, action, err := s.workOf(res, r, actor, r.URL.Query().Get(workField))
	if err != nil {
		return err
	}
	v := workView{
		head: headOf(res, action.Question, crumb{action.Label, ""}), Resource: res, Action: action, Asks: !k.begun(), Reasoned: !k.begun() && res.Object != "", Finished: k.Finished,
		Progress: k, Text: k.text(res, action), Undo: s.undoOf(res, action, k),
		Work: r.URL.Query().Get(workField), URL: res.path() + "actions/" + action.Name + "/", List: k.list(res),
	}
	switch {
	case v.Asks:
		if err = s.measure(r, actor, k, &v); err == nil {
			err = s.nameSome(r, actor, k, res, &v)
		}
	case v.Finished:
		v.Title = s.texts.T("Done")
	default:
		v.Title = action.Label
	}
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "admin_work", &v)
}

// measure sets the filters of the list, and how many of the selected records the
// action changes.
func (s *Site) measure(r *http.Request, actor access.Actor, k work, v *workView) error {
	st, err := s.stateOf(v.Resource, k)
	if err != nil {
		return err
	}
	affected := k.Total
	if len(k.IDs) == 0 {
		v.Whole, v.Filters = true, s.chips(st, nil)
	}
	if v.Action.Affected != nil {
		affected, err = v.Action.Affected(r.Context(), actor, Batch{IDs: k.IDs, Query: st.query(s.Zone), Through: k.Through})
		affected = min(affected, k.Total)
	}
	if same := k.Total - affected; same > 0 {
		v.Same = s.texts.Number(same)
	}
	v.Amount = Count{N: affected}.of(v.Resource)
	v.Confirm = s.confirmOf(v)
	return err
}

// maxNames is how many records a confirmation names.
const maxNames = 20

// nameSome sets the names of some of the selected records.
func (s *Site) nameSome(r *http.Request, actor access.Actor, k work, res *Resource, v *workView) error {
	for _, id := range k.IDs[:min(len(k.IDs), maxNames)] {
		record, err := res.Source.Find(r.Context(), actor, id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err == nil {
			v.Names = append(v.Names, record.Name)
		}
	}
	if len(k.IDs) == 0 {
		q, err := s.queryOf(res, k)
		if err != nil {
			return err
		}
		q.Offset, q.Limit = 0, maxNames
		page, err := res.Source.List(r.Context(), actor, q)
		if err != nil {
			return err
		}
		for _, record := range page.Records {
			v.Names = append(v.Names, record.Name)
		}
	}
	if more := k.Total - int64(len(v.Names)); more > 0 {
		v.More = s.texts.Number(more)
	}
	return nil
}

// stepWork answers POST for the action. It runs one batch and redirects to the
// progress page, or to the list if one batch was enough.
func (s *Site) stepWork(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	k, action, err := s.workOf(res, r, actor, r.PostForm.Get(workField))
	if err != nil {
		return err
	}
	first := !k.begun()
	if first {
		if k.Reason = reasonOf(r); k.Reverts {
			k.Reason = undoReason
		}
	}
	if !k.Finished {
		query, err := s.queryOf(res, k)
		if err != nil {
			return err
		}
		step, err := action.Run(r.Context(), actor.Because(k.Reason), Batch{IDs: k.IDs, Query: query, After: k.After, Through: k.Through})
		if err != nil {
			return s.refuseWork(res, w, r, k, err)
		}
		if action.Undo == "" {
			step.IDs = nil
		}
		k = k.after(step)
	}
	if first && k.Finished {
		s.notify(w, r, flash{Before: k.text(res, action), Undo: s.undoOf(res, action, k)})
		return httpkit.Redirect(w, http.StatusSeeOther, k.list(res))
	}
	return s.goToWork(w, res, k)
}

// refuseWork redirects to the list with a message if an action cannot be undone, and
// returns other errors.
func (s *Site) refuseWork(res *Resource, w http.ResponseWriter, r *http.Request, k work, err error) error {
	f, ok := asFault(err)
	if !ok || f.Kind != fault.Conflict || !k.Reverts {
		return err
	}
	s.notify(w, r, flash{Before: sentenceOf(f), Bad: true})
	return httpkit.Redirect(w, http.StatusSeeOther, k.list(res))
}

// undoReason is the reason of an undone action in the audit trail.
const undoReason = "Undo"

// workOf returns the state of the action in the path.
func (s *Site) workOf(res *Resource, r *http.Request, actor access.Actor, signed string) (k work, action Action, err error) {
	action, err = res.action(httpkit.PathValue(r, "action"))
	if err == nil {
		err = actor.Check(action.Needs)
	}
	if err == nil && (!s.Signer.open(workPurpose, signed, &k) || k.Resource != res.path() || k.Action != action.Name || k.Actor != actor.ID()) {
		err = fault.New(fault.NotFound, "Not found.")
	}
	return k, action, err
}

// confirmOf returns the label of the button: "Delete 50,000 users", or in other
// languages the label of the action with the number.
func (s *Site) confirmOf(v *workView) string {
	if text := strings.Replace(v.Action.Label, "selected "+v.Resource.Many, v.Amount, 1); text != v.Action.Label {
		return text
	}
	return v.Action.Label + " (" + v.Amount + ")"
}
