// Package pagination says which pages of a list are linked to.
package pagination

import "slices"

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
