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
