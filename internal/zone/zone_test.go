package zone_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/zone"
)

func TestNames(t *testing.T) {
	t.Parallel()
	names := zone.Names()
	if len(names) < 590 || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Fatalf("got %d names, want all of them, sorted and once", len(names))
	}
	for _, name := range names {
		if found, err := zone.Load(name); err != nil || found.String() != name {
			t.Errorf("%s: got %v, %v", name, found, err)
		}
	}
}

func TestLoad_Refused(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Berlin":              `"Berlin" is not a known time zone; did you mean Europe/Berlin?`,
		"europe/berlin":       "did you mean Europe/Berlin?",
		"new york":            "did you mean America/New_York?",
		"New_York":            "did you mean America/New_York?",
		"buenos aires":        "did you mean America/Argentina/Buenos_Aires?",
		"posix/Europe/Berlin": "did you mean Europe/Berlin?",
		"right/UTC":           "did you mean UTC?",
		"utc ":                "did you mean UTC?",
		"localtime":           "use an IANA name",
		"Local":               "use an IANA name",
		"Factory":             "use an IANA name",
		"posixrules":          "use an IANA name",
		"zone.tab":            "use an IANA name",
		"../etc/passwd":       "use an IANA name",
		"Mars/Base":           "use an IANA name",
		"":                    "use an IANA name",
		"posix/":              "use an IANA name",
	} {
		found, err := zone.Load(name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %s", name, found, err, want)
		}
	}
}

// Some zones change their clocks at midnight: the day then begins later, its
// midnight comes twice, or there is no such day.
func TestStartOfDay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, date, want string
	}{
		{"UTC", "2026-11-23", "2026-11-23T00:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"America/Santiago", "2026-09-05", "2026-09-05T04:00:00Z"},
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"}, // no midnight: the day begins at 01:00
		{"America/Santiago", "2026-09-07", "2026-09-07T03:00:00Z"},
		{"America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z"}, // 23:00 comes twice the evening before
		{"America/Asuncion", "2023-10-01", "2023-10-01T04:00:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"},
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"},
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"}, // midnight comes twice
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},   // there was no such day
		{"Pacific/Kiritimati", "9999-12-31", "9999-12-30T10:00:00Z"},
	} {
		in, err := zone.Load(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		date, err := time.Parse(time.DateOnly, tt.date)
		if err != nil {
			t.Fatal(err)
		}
		got := zone.StartOfDay(date.Year(), date.Month(), date.Day(), in)
		if got.UTC().Format(time.RFC3339) != tt.want || got.Location() != in {
			t.Errorf("%s in %s: got %s, want %s", tt.date, tt.zone, got, tt.want)
		}
	}
}

// TestStartOfDay_AllZones checks, around every change of clocks of two years,
// that a day begins when the date changes for the first time.
func TestStartOfDay_AllZones(t *testing.T) {
	t.Parallel()
	for _, name := range zone.Names() {
		in, err := zone.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for day := range 2 * 366 {
			start := zone.StartOfDay(2026, time.January, 1+day, in)
			date := time.Date(2026, time.January, 1+day, 0, 0, 0, 0, time.UTC)
			if zone.Reading(start).Format(time.DateOnly) != date.Format(time.DateOnly) || !zone.Reading(start.Add(-1)).Before(date) {
				t.Fatalf("%s in %s: got %s", date.Format(time.DateOnly), name, start)
			}
		}
	}
}

func TestFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, reading, want string }{
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:00:00Z"}, // skipped
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"}, // shown twice
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"UTC", "2026-10-25 02:30", "2026-10-25T02:30:00Z"},
	} {
		in, err := zone.Load(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		reading, err := time.Parse("2006-01-02 15:04", tt.reading)
		if err != nil {
			t.Fatal(err)
		}
		if got := zone.First(reading, in).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s: got %s, want %s", tt.reading, tt.zone, got, tt.want)
		}
	}
}
