// Package pagination computes the page links of lists.
package pagination

import (
	"slices"
	"strconv"
)

// Pager has the links to the other pages of a list.
type Pager struct {
	Previous, Next string // addresses, "" at the ends
	Pages          []Link
}

// Link is a page, or a gap when Number is "".
type Link struct {
	Number  string // as Grouped writes it
	URL     string
	Current bool
}

// New returns the links of page current of last, counted from 1. url returns the
// address of a page.
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

// Grouped formats a number as 1,234,567.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Gap stands for omitted pages in Numbers.
const Gap = 0

// Numbers returns the pages to link to from page current of last, in order: the
// first, the last, current and its neighbors. Gap stands for two or more omitted
// pages; a single page is not omitted.
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
