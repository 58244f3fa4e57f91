package form_test

import (
	"testing"
	"time"

	"roster/internal/form"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"2027-01-31T13:45:00Z": "2027-01-31T13:45:00Z", "2027-01-31 13:45": "2027-01-31T13:45:00Z", "2027-01-31T13:45+02:00": "2027-01-31T11:45:00Z",
		" 2027-01-31 ": "2027-01-31T00:00:00Z", "2027-01-31T13:45:00.5-01:00": "2027-01-31T14:45:00.5Z",
		"": "", "noon": "", "2027-02-30": "", "0001-01-01T00:00:00Z": "", "20270131": "",
	} {
		at, ok := form.ParseTime(given, time.UTC)
		if ok != (want != "") || ok && at.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %v, %v, want %s", given, at, ok, want)
		}
	}
}

func TestParseTime_Zone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("two hours east", 2*60*60)
	for given, want := range map[string]string{"2027-01-31 14:30": "2027-01-31T12:30:00Z", "2027-01-31T14:30:00Z": "2027-01-31T14:30:00Z"} {
		if at, ok := form.ParseTime(given, zone); !ok || at.Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, %v, want %s", given, at, ok, want)
		}
	}
}

// A day that has no midnight begins later, and a time that clocks skip is that of
// the jump.
func TestParseTime_Clocks(t *testing.T) {
	t.Parallel()
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{
		"2026-09-05": "2026-09-05T04:00:00Z", "2026-09-06": "2026-09-06T04:00:00Z", "2026-09-06 00:30": "2026-09-06T04:00:00Z",
		"2026-09-06T01:00": "2026-09-06T04:00:00Z", "2026-09-06T00:30:00-03:00": "2026-09-06T03:30:00Z",
	} {
		if at, ok := form.ParseTime(given, santiago); !ok || at.Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, %v, want %s", given, at, ok, want)
		}
	}
}
