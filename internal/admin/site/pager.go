package site

import (
	"cmp"
	"slices"
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
	numbers := []int64{1, st.page - 1, st.page, st.page + 1, last}
	numbers = slices.DeleteFunc(numbers, func(n int64) bool { return n < 1 || n > last })
	slices.Sort(numbers)
	before := int64(0)
	for _, n := range slices.Compact(numbers) {
		if n == before+2 {
			p.Pages = append(p.Pages, st.link(before+1))
		} else if n > before+1 {
			p.Pages = append(p.Pages, pageLink{})
		}
		p.Pages = append(p.Pages, st.link(n))
		before = n
	}
	return p
}

func (s state) link(page int64) pageLink {
	return pageLink{Number: grouped(page), URL: s.on(page).url(), Current: page == s.page}
}

// compareTexts orders pairs of texts.
func compareTexts(a1, b1, a2, b2 string) int { return cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2)) }
