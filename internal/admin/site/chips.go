package site

import (
	"slices"
	"strconv"
	"time"

	"roster/internal/lang"
)

// chips returns the search, the filters and the dates of a list, each with a link
// to the list without it. choices are those of filters without choices of their
// own.
func (s *Site) chips(st state, choices map[string][]Choice) (chips []filterLink) {
	if st.search != "" {
		without := st.on(1)
		without.search = ""
		chips = append(chips, filterLink{Label: s.texts.T("Search: “%s”", st.search), URL: without.url()})
	}
	for _, f := range st.res.Filters {
		if value, chosen := st.choices[f.Name]; chosen {
			if own := choices[f.Name]; own != nil {
				f.Choices = own
			}
			chips = append(chips, filterLink{Label: s.texts.T("%s: %s", f.Label, f.label(value)), URL: st.with(f.Name, "").url()})
		}
	}
	if st.dates != (dates{}) {
		label := st.res.Columns[max(0, st.res.column(st.res.Dates)-1)].Label
		chips = append(chips, filterLink{Label: s.texts.T("%s: %s", label, st.dates.label(s.texts, s.now())), URL: st.at(dates{}).url()})
	}
	return chips
}

// label returns the label of a choice.
func (f Filter) label(value string) string {
	i := slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Value == value })
	if i < 0 {
		return value
	}
	return f.Choices[i].Label
}

// label describes the dates.
func (d dates) label(l *lang.Language, now time.Time) string {
	for _, c := range since(l, now) {
		if c.dates == d {
			return c.label
		}
	}
	text := ""
	switch {
	case d.day > 0:
		text = l.FullDay(time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC))
	case d.month > 0:
		text = l.MonthOf(time.Date(d.year, time.Month(d.month), 1, 0, 0, 0, 0, time.UTC))
	case d.year > 0:
		text = strconv.Itoa(d.year)
	}
	if d.from != "" {
		text += " " + l.T("from %s", d.from)
	}
	if d.before != "" {
		text += " " + l.T("before %s", d.before)
	}
	return text
}
