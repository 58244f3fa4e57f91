package site

import (
	"cmp"

	"roster/internal/httpkit/pagination"
)

// pager leads to the other pages of a list.
type pager struct {
	Previous, Next string // "" at the ends
	Pages          []pageLink
}

// pageLink is one page, or a gap when it has no number.
type pageLink struct {
	Number  string
	URL     string
	Current bool
}

// newPager links to the first, the last and the neighbouring pages. Where not
// all records were counted there may be more pages than it knows.
func newPager(st state, page Page) pager {
	last := max(lastPage(st, page), st.page)
	var p pager
	if st.page > 1 {
		p.Previous = st.on(st.page - 1).url()
	}
	full := len(page.Records) == st.size
	if st.page < last || page.Total.More && full {
		p.Next = st.on(st.page + 1).url()
	}
	for _, n := range pagination.Numbers(st.page, last) {
		if n == pagination.Gap {
			p.Pages = append(p.Pages, pageLink{})
		} else {
			p.Pages = append(p.Pages, st.link(n))
		}
	}
	return p
}

func (s state) link(page int64) pageLink {
	return pageLink{Number: grouped(page), URL: s.on(page).url(), Current: page == s.page}
}

// compareTexts orders pairs of texts.
func compareTexts(a1, b1, a2, b2 string) int { return cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2)) }
