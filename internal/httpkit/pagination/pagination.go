// Package pagination says which pages of a list are linked to.
package pagination

import (
	"slices"
	"strconv"
)

// Pager leads to the other pages of a list.
type Pager struct {
	Previous, Next string // addresses, "" at the ends
	Pages          []Link
}

// Link is one page, or a gap when it has no number.
type Link struct {
	Number  string // as Grouped writes it
	URL     string
	Current bool
}

// New links page current of last, from 1, to its neighbours and to those of
// Numbers; url returns the address of a page.
func New(current, last int64, url func(page int64) string) Pager {
	var p Pager
	if current > 1 {
		p.Previous = url(current - 1)
	}
	if current < last {
		p.Next = url(current + 1)
	}
	for _, n := range Numbers(current, last) {
		if n == Gap {
			p.Pages = append(p.Pages, Link{})
		} else {
			p.Pages = append(p.Pages, Link{Grouped(n), url(n), n == current})
		}
	}
	return p
}

// Grouped writes a number as 1,234,567.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Gap stands in Numbers for pages that are left out.
const Gap = 0

// Numbers returns the pages to link to from page current of last: the first,
// the last, current and its neighbours, in order. Gap is where two or more are
// left out; one that would be left out alone is there.
func Numbers(current, last int64) (numbers []int64) {
	shown := []int64{1, current - 1, current, current + 1, last}
	shown = slices.DeleteFunc(shown, func(n int64) bool { return n < 1 || n > last })
	slices.Sort(shown)
	before := int64(0)
	for _, n := range slices.Compact(shown) {
		switch {
		case n == before+2:
			numbers = append(numbers, before+1)
		case n > before+2:
			numbers = append(numbers, Gap)
		}
		numbers = append(numbers, n)
		before = n
	}
	return numbers
}
