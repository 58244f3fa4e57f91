package site

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"roster/internal/access"
)

// Slicer is a Source that lists records without counting them. The page of a record
// links to those beside it in the list.
type Slicer interface {
	// Slice returns the records that q selects.
	Slice(ctx context.Context, actor access.Actor, q Query) ([]Record, error)
}

// neighbors returns links to the records before and after one in the list that linked
// to it, on the same tab; nil where there is none, and if the record is no longer on
// that page of the list. It reads one page.
func (s *Site) neighbors(res *Resource, r *http.Request, actor access.Actor, id int64) (previous, next *filterLink, err error) {
	slicer, ok := res.Source.(Slicer)
	if !ok {
		return nil, nil, nil
	}
	st, ok := keptState(res, r, s.Zone)
	if !ok {
		return nil, nil, nil
	}
	q := st.query(s.Zone)
	before := min(q.Offset, 1) // a record of the page before
	q.Offset, q.Limit = q.Offset-before, q.Limit+int(before)+1
	records, err := slicer.Slice(r.Context(), actor, q)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(records, func(record Record) bool { return record.ID == id })
	if at < int(before) || at >= int(before)+st.size {
		return nil, nil, nil
	}
	link := func(i int) *filterLink {
		page := st.page
		switch {
		case i < 0 || i >= len(records):
			return nil
		case i < int(before):
			page--
		case i == int(before)+st.size:
			page++
		}
		kept := st.on(page).values().Encode()
		return &filterLink{Label: records[i].Name, URL: res.tabPath(records[i].ID, r.URL.Query().Get(tabParameter), kept)}
	}
	return link(at - 1), link(at + 1), nil
}

// keptState returns the list that linked to a page; false if its query is invalid.
func keptState(res *Resource, r *http.Request, zone *time.Location) (state, bool) {
	values, err := url.ParseQuery(r.URL.Query().Get(keptFilters))
	if err != nil {
		return state{}, false
	}
	return parseState(res, values, zone)
}
