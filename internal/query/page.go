package query

import "roster/internal/fault"

// LastPage requests the last page of a list.
const LastPage = -1

// Page is the position of a page in a list.
type Page struct {
	Number int64 // from 1
	Pages  int64 // at least 1
	Total  int64 // records on all pages
}

// NewPage returns the page of that number, from 1 or LastPage, in a list of
// total records. size is at least 1. A page that does not exist is NotFound;
// page 1 always exists.
func NewPage(number, total, size int64) (Page, error) {
	p := Page{Number: number, Pages: max(1, (total+size-1)/size), Total: total}
	if number == LastPage {
		p.Number = p.Pages
	}
	if p.Number < 1 || p.Number > p.Pages {
		return Page{}, fault.New(fault.NotFound, "Invalid page.")
	}
	return p, nil
}
