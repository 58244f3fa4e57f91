package site

import (
	"net/http"
	"net/url"

	"roster/internal/fault"
	"roster/internal/httpkit"
)

// work is a bulk action and its progress. Pages carry it, signed, from batch to
// batch, so that it can be interrupted and resumed.
type work struct {
	Resource string
	Action   string
	Actor    int64  // who started it
	Reason   string // for the audit trail, may be empty
	List     string // the query of the list
	IDs      idList // the selected records; nil for all of the list
	Through  int64  // the highest ID of those
	After    int64  // the last ID that was processed
	Total    int64  // records at the start
	Done     int64
	Changed  idList `json:",omitempty"` // what Undo reverts; nil if there are too many
	Skipped  int64
	Finished bool
	Reverts  bool `json:",omitempty"` // it undoes an action
}

const workPurpose = "work"

// begun reports whether a batch was run.
func (k work) begun() bool { return k.Finished || k.After > 0 }

// after returns the work after a batch.
func (k work) after(step Step) work {
	k.Done += int64(step.Changed)
	k.Skipped += int64(step.Skipped)
	if k.Changed = append(k.Changed, step.IDs...); k.Done > maxUndo {
		k.Changed = nil
	}
	if k.After = step.Last; step.Last == 0 {
		k.Finished = true
	}
	return k
}

// Seen returns the number of processed records, at most Total.
func (k work) Seen() int64 { return min(k.Done+k.Skipped, k.Total) }

// text describes the progress: "500 of 50,000 users were deactivated, 3 not changed."
func (k work) text(res *Resource, action Action) string {
	l, what := res.language(), Count{N: k.Done}.of(res)
	if !k.Finished {
		what = l.T("%s of %s", k.Done, Count{N: k.Total}.of(res))
	}
	text := l.T("%s were %s", what, action.Done)
	if k.Done == 1 {
		text = l.T("%s was %s", what, action.Done)
	}
	if k.Skipped > 0 {
		text = l.T("%s, %s not changed", text, k.Skipped)
	}
	return l.T("%s.", text)
}

// list returns the address of the list.
func (k work) list(res *Resource) string {
	if k.List == "" {
		return res.path()
	}
	return res.path() + "?" + k.List
}

// queryOf returns the query that selects the records. It is NotFound if the query
// of the list is no longer valid, because an empty query would select all records.
func (s *Site) queryOf(res *Resource, k work) (Query, error) {
	st, err := s.stateOf(res, k)
	return st.query(s.Zone), err
}

// stateOf returns the list that the work began on, or NotFound as queryOf.
func (s *Site) stateOf(res *Resource, k work) (state, error) {
	values, err := url.ParseQuery(k.List)
	st, ok := parseState(res, values, s.Zone)
	if err != nil || !ok {
		return state{res: res}, fault.New(fault.NotFound, "Not found.")
	}
	return st, nil
}

// goToWork redirects to the page of the work.
func (s *Site) goToWork(w http.ResponseWriter, res *Resource, k work) error {
	signed, err := s.Signer.sign(workPurpose, k)
	if err != nil {
		return err
	}
	return httpkit.Redirect(w, http.StatusSeeOther, res.path()+"actions/"+k.Action+"/?"+workField+"="+signed)
}
