package site

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/pagination"
)

// Action is something that can be done to several records of a list at once.
type Action struct {
	Name     string // Django's, where it has such an action: "delete_selected"
	Label    string // of the choice: "Delete selected users"
	Question string // "Delete these users?"
	Warning  string // what it means, a sentence; may be empty
	Done     string // "deleted"
	Danger   bool   // what it does cannot be undone
	Needs    access.Permission
	// Run does it to the records of a batch, to all of them or to none.
	Run func(ctx context.Context, actor access.Actor, b Batch) (Step, error)
}

// Batch names records: those of IDs, or without IDs some of those that Query finds.
type Batch struct {
	IDs            []int64
	Query          Query
	After, Through int64 // of those found, ids higher than After and no higher than Through
}

// Step is what became of a batch.
type Step struct {
	Changed, Skipped int
	Last             int64 // the After of the next batch; 0 when none is left
}

// Bulk is a Source whose actions can be run on all records that a query finds.
type Bulk interface {
	// Extent returns how many records q finds, and the highest of their ids.
	Extent(ctx context.Context, actor access.Actor, q Query) (count, through int64, err error)
}

// The names of what the form of a list sends; all are Django's.
const (
	actionField   = "action"
	selectedField = "_selected_action"
	acrossField   = "select_across"
	workField     = "work"
)

// actions returns what the actor may do to several records at once.
func (rs *Resource) actions(actor access.Actor) []Action {
	return slices.DeleteFunc(slices.Clone(rs.Actions), func(a Action) bool { return !actor.Can(a.Needs) })
}

// action returns the action of that name.
func (rs *Resource) action(name string) (Action, error) {
	i := slices.IndexFunc(rs.Actions, func(a Action) bool { return a.Name == name })
	if i < 0 {
		return Action{}, fault.New(fault.NotFound, "Not found.")
	}
	return rs.Actions[i], nil
}

// chooseAction answers POST for a list: it leads to the question whether the
// action is meant.
func (s *Site) chooseAction(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	st, ok := parseState(res, r.URL.Query(), s.Zone)
	if err := readForm(r); err != nil || !ok {
		return fault.Wrap(fault.Invalid, "The form could not be read.", err)
	}
	name := r.PostForm.Get(actionField)
	if name == "" {
		return s.refuseAction(w, r, st, "No action selected.")
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
		return s.refuseAction(w, r, st, "Items must be selected in order to perform actions on them. No items have been changed.")
	}
	return s.goToWork(w, res, k)
}

// gather finds out which records are meant.
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

// refuseAction leads back to the list, which says why.
func (s *Site) refuseAction(w http.ResponseWriter, r *http.Request, st state, why string) error {
	s.tell(w, r, flash{Before: why, Bad: true})
	return httpkit.Redirect(w, http.StatusSeeOther, st.url())
}

// workView is the question before an action, how far it is, or what came of it.
type workView struct {
	head

	Resource *Resource
	Action   Action
	Asks     bool
	Reasoned bool
	Reason   string
	Finished bool
	Amount   string // "50,000 users"
	Names    []string
	More     string // how many more there are than names; "" for none
	Progress work
	Text     string
	Work     string // the state, for the next step
	URL      string
	List     string
}

// showWork answers GET for the action that the path names.
func (s *Site) showWork(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	k, action, err := s.workOf(res, r, actor, r.URL.Query().Get(workField))
	if err != nil {
		return err
	}
	v := workView{
		head: headOf(res, action.Question, crumb{action.Label, ""}), Resource: res, Action: action, Asks: !k.begun(), Reasoned: !k.begun() && res.Object != "", Finished: k.Finished,
		Amount: Count{N: k.Total}.of(res), Progress: k, Text: k.text(res, action),
		Work: r.URL.Query().Get(workField), URL: res.path() + "actions/" + action.Name + "/", List: k.list(res),
	}
	switch {
	case v.Asks:
		err = s.nameSome(r, actor, k, res, &v)
	case v.Finished:
		v.Title = "Done"
	default:
		v.Title = action.Label
	}
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "admin_work", &v)
}

// maxNames is how many of the records a question names.
const maxNames = 20

// nameSome names some of the records that are meant.
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
		v.More = pagination.Grouped(more)
	}
	return nil
}

// stepWork answers POST for the action: it takes one step and leads to how far
// it is then; with what was done in one step, to the list.
func (s *Site) stepWork(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := readForm(r); err != nil {
		return err
	}
	k, action, err := s.workOf(res, r, actor, r.PostForm.Get(workField))
	if err != nil {
		return err
	}
	first := !k.begun()
	if first {
		k.Reason = reasonOf(r)
	}
	if !k.Finished {
		query, err := s.queryOf(res, k)
		if err != nil {
			return err
		}
		step, err := action.Run(r.Context(), actor.Because(k.Reason), Batch{IDs: k.IDs, Query: query, After: k.After, Through: k.Through})
		if err != nil {
			return err
		}
		k = k.after(step)
	}
	if first && k.Finished {
		s.tell(w, r, flash{Before: k.text(res, action)})
		return httpkit.Redirect(w, http.StatusSeeOther, k.list(res))
	}
	return s.goToWork(w, res, k)
}

// workOf reads the state of the action that the path names.
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
