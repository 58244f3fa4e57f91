package site

import (
	"strconv"
	"time"

	"roster/internal/lang"
	"roster/internal/zone"
)

// dates restricts a list by its date field: to a year, month or day, and to the
// times between from and before, as in the URL. All restrictions apply.
type dates struct {
	year, month, day int
	from, before     string
}

// dateLayouts has the formats of times in URLs. Times without a zone are in the
// zone of the site.
var dateLayouts = [...]string{time.DateOnly, time.DateTime, "2006-01-02 15:04:05Z07:00", time.RFC3339}

// The range of times that databases store and compare, in UTC. A year to drill
// down to must be inside, because other zones shift its bounds.
const (
	firstYear = 1
	lastYear  = 9999
)

// read parses a parameter without the name of the field.
func (d *dates) read(lookup, value string, zone *time.Location) bool {
	if value == "" {
		return true
	}
	var err error
	switch lookup {
	case "year":
		d.year, err = strconv.Atoi(value)
		return err == nil && d.year > firstYear && d.year < lastYear
	case "month":
		d.month, err = strconv.Atoi(value)
		return err == nil && d.month >= 1 && d.month <= 12
	case "day":
		d.day, err = strconv.Atoi(value)
		return err == nil && d.day >= 1 && d.day <= 31
	case "gte":
		d.from = value
	case "lt":
		d.before = value
	default:
		return false
	}
	_, ok := parseDate(value, zone)
	return ok
}

func parseDate(text string, in *time.Location) (t time.Time, ok bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			if layout == time.DateOnly || layout == time.DateTime {
				t = zone.First(t, in)
			}
			year := t.UTC().Year()
			return t, year >= firstYear && year <= lastYear && !t.IsZero()
		}
	}
	return time.Time{}, false
}

// valid reports whether the parts are a date.
func (d dates) valid() bool {
	switch {
	case d.month > 0 && d.year == 0, d.day > 0 && d.month == 0:
		return false
	case d.day > 0:
		return time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC).Day() == d.day
	}
	return true
}

// parameters returns the dates as URL parameters, "" for unset ones.
func (d dates) parameters() map[string]string {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	return map[string]string{
		"year": number(d.year), "month": number(d.month), "day": number(d.day), "gte": d.from, "lt": d.before,
	}
}

// span returns the bounds in UTC, the second excluded; zero for none.
func (d dates) span(in *time.Location) (from, before time.Time) {
	start := func(year, month, day int) time.Time { return zone.StartOfDay(year, time.Month(month), day, in) }
	switch {
	case d.day > 0:
		from, before = start(d.year, d.month, d.day), start(d.year, d.month, d.day+1)
	case d.month > 0:
		from, before = start(d.year, d.month, 1), start(d.year, d.month+1, 1)
	case d.year > 0:
		from, before = start(d.year, 1, 1), start(d.year+1, 1, 1)
	}
	if t, ok := parseDate(d.from, in); ok && t.After(from) {
		from = t
	}
	if t, ok := parseDate(d.before, in); ok && (before.IsZero() || t.Before(before)) {
		before = t
	}
	if !from.IsZero() {
		from = from.UTC()
	}
	if !before.IsZero() {
		before = before.UTC()
	}
	return from, before
}

// since returns the dates of Django's filters today, past 7 days, this month and
// this year, in whole days of the zone.
func since(l *lang.Language, now time.Time) []dateChoice {
	year, month, day := now.Date()
	at := func(year int, month time.Month, day int) string {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	tomorrow := at(year, month, day+1)
	return []dateChoice{
		{l.T("Any date"), dates{}},
		{l.T("Today"), dates{from: at(year, month, day), before: tomorrow}},
		{l.T("Past 7 days"), dates{from: at(year, month, day-7), before: tomorrow}},
		{l.T("This month"), dates{from: at(year, month, 1), before: at(year, month+1, 1)}},
		{l.T("This year"), dates{from: at(year, 1, 1), before: at(year+1, 1, 1)}},
	}
}

type dateChoice struct {
	label string
	dates dates
}

// maxYears is the maximum number of years to drill down to.
const maxYears = 50

// drill returns the narrower ranges between the first and the last record, and the
// wider ranges.
func (d dates) drill(l *lang.Language, first, last time.Time) (up []dateChoice, down []dateChoice) {
	if first.IsZero() || last.IsZero() {
		return nil, nil
	}
	up, d.from, d.before = d.up(l), "", ""
	add := func(label string, to dates) {
		from, before := to.span(first.Location())
		if before.After(first) && !from.After(last) {
			down = append(down, dateChoice{label, to})
		}
	}
	switch {
	case d.day > 0:
	case d.month > 0:
		for day := 1; day <= 31; day++ {
			if to := (dates{year: d.year, month: d.month, day: day}); to.valid() {
				add(l.ShortDay(time.Date(d.year, time.Month(d.month), day, 0, 0, 0, 0, time.UTC)), to)
			}
		}
	case d.year > 0:
		for month := 1; month <= 12; month++ {
			add(l.Month(time.Month(month)), dates{year: d.year, month: month})
		}
	default:
		for year := max(first.Year(), last.Year()-maxYears+1); year <= last.Year(); year++ {
			add(strconv.Itoa(year), dates{year: year})
		}
	}
	return up, down
}

// months returns the months of a year between the first and the last record, named
// with the year; none for a single one.
func months(l *lang.Language, d dates, first, last time.Time) []dateChoice {
	_, down := d.drill(l, first, last)
	if len(down) < 2 {
		return nil
	}
	for i := range down {
		down[i].label = l.MonthOf(time.Date(d.year, time.Month(down[i].dates.month), 1, 0, 0, 0, 0, time.UTC))
	}
	return down
}

// up returns the wider ranges, the widest first, and the current range last.
func (d dates) up(l *lang.Language) (choices []dateChoice) {
	if d.year == 0 {
		return nil
	}
	choices = append(choices, dateChoice{l.T("All dates"), dates{}}, dateChoice{strconv.Itoa(d.year), dates{year: d.year}})
	if d.month > 0 {
		choices = append(choices, dateChoice{l.Month(time.Month(d.month)), dates{year: d.year, month: d.month}})
	}
	if d.day > 0 {
		choices = append(choices, dateChoice{strconv.Itoa(d.day), dates{year: d.year, month: d.month, day: d.day}})
	}
	return choices
}
