package site

import (
	"testing"
	"time"

	"roster/internal/lang"
)

func TestDates_Label(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for want, d := range map[string]dates{
		"Today": {from: "2026-11-23", before: "2026-11-24"}, "2026": {year: 2026}, "November 2026": {year: 2026, month: 11},
		"5 November 2026": {year: 2026, month: 11, day: 5}, "2026 from 2026-02-01 before 2026-03-01": {year: 2026, from: "2026-02-01", before: "2026-03-01"},
	} {
		if got := d.label(lang.English, now); got != want {
			t.Errorf("%+v: got %q, want %q", d, got, want)
		}
	}
}

// The months of the only year are named with it, and a single month is no choice.
func TestMonths(t *testing.T) {
	t.Parallel()
	day := func(month time.Month) time.Time { return time.Date(2026, month, 5, 0, 0, 0, 0, time.UTC) }
	got := months(lang.English, dates{year: 2026}, day(time.January), day(time.March))
	if len(got) != 3 || got[2].label != "March 2026" || got[2].dates != (dates{year: 2026, month: 3}) {
		t.Errorf("got %+v", got)
	}
	if got := months(lang.English, dates{year: 2026}, day(time.May), day(time.May)); got != nil {
		t.Errorf("a single month: got %+v", got)
	}
}

// A year, a month and a day are from their first moment in the zone to that of the
// next one. Further bounds only narrow them.
func TestDates_Span(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d            dates
		in           *time.Location
		from, before string // in UTC, "" for none
	}{
		{dates{}, berlin, "", ""},
		{dates{year: 2026}, time.UTC, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{dates{year: 2026}, berlin, "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
		{dates{year: 2026, month: 3}, berlin, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		{dates{year: 2026, month: 12}, berlin, "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"},
		{dates{year: 2026, month: 3, day: 29}, berlin, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{dates{year: 2026, month: 12, day: 31}, time.UTC, "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"},
		{dates{from: "2026-02-01"}, berlin, "2026-01-31T23:00:00Z", ""},
		{dates{before: "2026-02-01 12:00:00"}, berlin, "", "2026-02-01T11:00:00Z"},
		{dates{year: 2026, from: "2026-02-01", before: "2026-03-01"}, time.UTC, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{dates{year: 2026, from: "2025-02-01", before: "2027-03-01"}, time.UTC, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{dates{year: 2026, from: "2026-01-01", before: "2027-01-01"}, time.UTC, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{dates{from: "2026-02-01T12:00:00+02:00"}, berlin, "2026-02-01T10:00:00Z", ""},
	} {
		from, before := c.d.span(c.in)
		for _, one := range []struct {
			got  time.Time
			want string
		}{{from, c.from}, {before, c.before}} {
			text := ""
			if !one.got.IsZero() {
				text = one.got.Format(time.RFC3339)
			}
			if text != one.want {
				t.Errorf("%+v in %s: got %s to %s, want %s to %s", c.d, c.in, from, before, c.from, c.before)
			}
		}
	}
}

// Parameters are dates that the database can compare, and parts that make one.
func TestDates_Read(t *testing.T) {
	t.Parallel()
	for lookup, values := range map[string]map[string]bool{
		"year":  {"": true, "1": false, "2": true, "9998": true, "9999": false, "x": false, "-1": false},
		"month": {"0": false, "1": true, "12": true, "13": false, "x": false},
		"day":   {"0": false, "1": true, "31": true, "32": false, "x": false},
		"gte": {
			"0001-01-01": false, "0001-01-02": true, "9999-12-31": true, "0000-12-31": false, "10000-01-01": false, "2026-02-29": false, "2026-02-28 12:00:00": true,
			"2026-02-28T12:00:00Z": true, "2026-02-28 12:00:00+02:00": true, "9999-12-31T23:00:00-02:00": false, "soon": false,
		},
		"lt":   {"": true, "2026-01-01": true, "x": false},
		"week": {"": true, "1": false},
	} {
		for value, want := range values {
			var d dates
			if got := d.read(lookup, value, time.UTC); got != want {
				t.Errorf("%s=%s: got %t", lookup, value, got)
			}
		}
	}
	for d, want := range map[dates]bool{
		{}: true, {year: 2026}: true, {year: 2026, month: 2}: true, {year: 2026, month: 2, day: 28}: true, {year: 2026, month: 2, day: 29}: false,
		{year: 2028, month: 2, day: 29}: true, {year: 2026, month: 4, day: 31}: false, {month: 2}: false, {day: 2}: false, {year: 2026, day: 2}: false, {month: 2, day: 2}: false,
	} {
		if got := d.valid(); got != want {
			t.Errorf("%+v: got %t", d, got)
		}
	}
}

// The choices of Django's filters are whole days around now.
func TestSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	want := []dateChoice{
		{"Any date", dates{}}, {"Today", dates{from: "2026-12-31", before: "2027-01-01"}}, {"Past 7 days", dates{from: "2026-12-24", before: "2027-01-01"}},
		{"This month", dates{from: "2026-12-01", before: "2027-01-01"}}, {"This year", dates{from: "2026-01-01", before: "2027-01-01"}},
	}
	got := since(lang.English, now)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got, want)
			break
		}
	}
}
