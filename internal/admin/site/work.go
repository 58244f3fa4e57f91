package site

import (
	"net/http"
	"net/url"

	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/httpkit/pagination"
)

// work is an action on several records, and how far it is. Pages carry it,
// signed, from step to step, so that it can be left and gone on with.
type work struct {
	Resource string
	Action   string
	Actor    int64   // whose work it is
	Reason   string  // given at the beginning, "" for none
	List     string  // the query of the list that it began on
	IDs      []int64 // the selected records; none for all that the list finds
	Through  int64   // the highest id of those
	After    int64   // the last id that was done
	Total    int64   // records at the beginning
	Done     int64
	Skipped  int64
	Finished bool
}

const workPurpose = "work"

// begun reports whether a step was taken.
func (k work) begun() bool { return k.Finished || k.After > 0 }

// after is the work after a step.
func (k work) after(step Step) work {
	k.Done += int64(step.Changed)
	k.Skipped += int64(step.Skipped)
	if k.After = step.Last; step.Last == 0 {
		k.Finished = true
	}
	return k
}

// Seen is how many records were looked at, no more than there were.
func (k work) Seen() int64 { return min(k.Done+k.Skipped, k.Total) }

// text says how far the work is: "500 of 50,000 users were deactivated, 3 left as they were."
func (k work) text(res *Resource, action Action) string {
	what, were := Count{N: k.Done}.of(res), " were "
	if k.Done == 1 {
		were = " was "
	}
	if !k.Finished {
		what = pagination.Grouped(k.Done) + " of " + Count{N: k.Total}.of(res)
	}
	text := what + were + action.Done
	if k.Skipped > 0 {
		text += ", " + pagination.Grouped(k.Skipped) + " left as they were"
	}
	return text + "."
}

// list is the address of the list that the work began on.
func (k work) list(res *Resource) string {
	if k.List == "" {
		return res.path()
	}
	return res.path() + "?" + k.List
}

// queryOf is what finds the records of the work; NotFound when the list that it
// began on is one that there is no more, as no query would be all records.
func (s *Site) queryOf(res *Resource, k work) (Query, error) {
	values, err := url.ParseQuery(k.List)
	st, ok := parseState(res, values, s.Zone)
	if err != nil || !ok {
		return Query{}, fault.New(fault.NotFound, "Not found.")
	}
	return st.query(s.Zone), nil
}

// goToWork leads to the page of the work.
func (s *Site) goToWork(w http.ResponseWriter, res *Resource, k work) error {
	signed, err := s.Signer.sign(workPurpose, k)
	if err != nil {
		return err
	}
	return httpkit.Redirect(w, http.StatusSeeOther, res.path()+"actions/"+k.Action+"/?"+workField+"="+signed)
}
