package sqldb_test

import (
	"regexp"
	"testing"
	"time"

	"roster/internal/store/sqldb"
)

func TestFormatTime(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("", 3600)
	for want, at := range map[string]time.Time{
		"2026-11-23 09:29:39.616550": time.Date(2026, 11, 23, 9, 29, 39, 616550000, time.UTC),
		"2026-11-23 09:29:39":        time.Date(2026, 11, 23, 9, 29, 39, 0, time.UTC),
		"2026-11-23 09:29:38":        time.Date(2026, 11, 23, 9, 29, 38, 999, time.UTC),
		"2026-11-23 09:29:37.000001": time.Date(2026, 11, 23, 10, 29, 37, 1999, east),
		"0999-01-01 00:00:00":        time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := sqldb.FormatTime(at); got != want {
			t.Errorf("FormatTime(%v): got %q, want %q", at, got, want)
		}
	}
}

func TestParseTime_Refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "2026", "2026-11-23", "2026-11-23 09:29", "2026-13-01 00:00:00", "2026-00-01 00:00:00", "2026-02-29 00:00:00",
		"2026-11-00 00:00:00", "2026-11-31 00:00:00", "2026-11-23 24:00:00", "2026-11-23 00:60:00", "2026-11-23 00:00:60",
		"2026-11-23 00:00:00.", "2026-11-23 00:00:00.x", "2026-11-23 00:00:00 ", "2026-11-23 00:00:00+1", "2026-11-23 00:00:00+24:00",
		"2026-11-23 00:00:00*01:00", "2026/11/23 00:00:00", "+026-11-23 00:00:00", "2026-11-23 00:00:00.1ZZ", "1764000000",
	} {
		if got, ok := sqldb.ParseTime(text); ok {
			t.Errorf("ParseTime(%q): got %v, want a refusal", text, got)
		}
	}
}

// FuzzParseTime compares with package time, and checks that what is written
// is read again.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2026-11-23 09:29:39.616550", "2026-11-23 09:29:39", "2026-11-23T09:29:39Z", "2026-11-23 09:29:39.1234567+05:30",
		"2024-02-29 23:59:59.9-00:01", "0000-01-01 00:00:00", "2026-11-23 09:29:39,5", "2023-02-29 00:00:00", "9999-12-31 23:59:59.999999",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := sqldb.ParseTime(text)
		want, known := parseSlowly(text)
		if ok != known || ok && !got.Equal(want) {
			t.Fatalf("ParseTime(%q): got %v %v, want %v %v", text, got, ok, want, known)
		}
		if !ok || got.Year() < 0 || got.Year() > 9999 {
			return
		}
		if again, ok := sqldb.ParseTime(sqldb.FormatTime(got)); !ok || !again.Equal(got) || again.Location() != time.UTC {
			t.Errorf("%q: wrote %v, read %v %v", text, got, again, ok)
		}
	})
}

// looseOffset is an offset that package time takes and ISO 8601 does not have.
var looseOffset = regexp.MustCompile(`[+-](24:..|..:60)$`)

// parseSlowly is ParseTime by package time.
func parseSlowly(text string) (time.Time, bool) {
	if looseOffset.MatchString(text) {
		return time.Time{}, false
	}
	for _, r := range text {
		if r == ',' { // package time takes it for a point
			return time.Time{}, false
		}
	}
	for _, layout := range []string{
		"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z07:00",
	} {
		if len(text) < len("2006-01-02 15:04:05") || text[11] < '0' || text[11] > '9' || text[13] != ':' {
			continue // package time takes an hour of one digit
		}
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}
