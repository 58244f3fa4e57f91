package lang

import (
	"slices"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// form is a plural form of CLDR.
type form = plural.Form

// order has the forms of CLDR in the order of gettext's indices.
var order = []form{plural.Zero, plural.One, plural.Two, plural.Few, plural.Many, plural.Other}

// cldrForm returns CLDR's form of an integer.
func cldrForm(tag language.Tag, n int64) form {
	if n < 0 {
		n = -n
	}
	// Rules look at the value and at its last digits, never at more than seven.
	const last = 10_000_000
	if n >= last {
		n = n%last + last
	}
	return plural.Cardinal.MatchPlural(tag, int(n), 0, 0, 0, 0)
}

// formsOf returns the forms that integers have in a language.
func formsOf(tag language.Tag) (found []form) {
	const enough = 1000
	used := map[form]bool{cldrForm(tag, 1_000_000): true}
	for n := range int64(enough) {
		used[cldrForm(tag, n)] = true
	}
	for _, f := range order {
		if used[f] {
			found = append(found, f)
		}
	}
	return found
}

// formOf returns the index of the form of n.
func (l *Language) formOf(n int64) int { return max(0, slices.Index(l.forms, cldrForm(l.tag, n))) }
