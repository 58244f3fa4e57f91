package schedule_test

import (
	"archive/zip"
	"fmt"
	"go/build"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

// zones returns every zone of the IANA database.
func zones(tb testing.TB) (all []*time.Location) {
	tb.Helper()
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		tb.Fatal(err)
	}
	defer archive.Close()
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		zone, err := time.LoadLocation(file.Name)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, zone)
	}
	if len(all) < 500 {
		tb.Fatalf("got %d zones", len(all))
	}
	return all
}

// transitions returns when the offset of a zone changes between two years.
func transitions(zone *time.Location, from, to int) (moments []time.Time) {
	t := time.Date(from, 1, 1, 0, 0, 0, 0, zone)
	for {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.Year() >= to {
			return moments
		}
		if !end.After(t) {
			end = t.Add(time.Hour)
		}
		if _, before := end.Add(-1).Zone(); before != offsetOf(end) {
			moments = append(moments, end)
		}
		t = end
	}
}

func offsetOf(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

// asked is a crontab as the oracle sees it: which numbers are asked for.
type asked struct{ minutes, hours, days, months, weekdays []int }

func (a asked) matches(wall time.Time) bool {
	return slices.Contains(a.minutes, wall.Minute()) && slices.Contains(a.hours, wall.Hour()) &&
		slices.Contains(a.days, wall.Day()) && slices.Contains(a.months, int(wall.Month())) && slices.Contains(a.weekdays, int(wall.Weekday()))
}

func (a asked) crontab(tb testing.TB, zone string) schedule.Crontab {
	tb.Helper()
	list := func(numbers []int) string {
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ",")
	}
	return crontab(tb, strings.Join([]string{list(a.minutes), list(a.hours), list(a.days), list(a.months), list(a.weekdays)}, " "), zone)
}

// draw returns a crontab that runs in about half of the hours of most days, or
// of those days and months in the hundred that share says.
func draw(random *rand.Rand, share int) asked {
	some := func(from, to, share int) (numbers []int) {
		for n := from; n <= to; n++ {
			if random.IntN(100) < share {
				numbers = append(numbers, n)
			}
		}
		return append(numbers, from+random.IntN(to-from+1))
	}
	minutes := []int{5, 100}[random.IntN(2)]
	return asked{some(0, 59, minutes), some(0, 23, 50), some(1, 31, share), some(1, 12, share), some(0, 6, share)}
}

// slotsByMinute is the oracle: it looks at the clocks of the zone at every
// minute, and at every reading that they show, or passed over, for the first time.
func slotsByMinute(a asked, zone *time.Location, from, to time.Time) (slots []time.Time) {
	newest := digits(from.In(zone))
	for t := from.Add(time.Minute); !t.After(to); t = t.Add(time.Minute) {
		due := false
		for now := digits(t.In(zone)); newest.Before(now); {
			newest = newest.Add(time.Minute)
			due = due || a.matches(newest)
		}
		if due {
			slots = append(slots, t.UTC())
		}
	}
	return slots
}

func digits(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// TestCrontab_Zones walks random crontabs through the change of clocks of every
// zone for three years, minute by minute.
func TestCrontab_Zones(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var changes, compared int
	for _, zone := range zones(t) {
		for _, change := range transitions(zone, 2026, 2029) {
			a := draw(random, 95)
			from, to := change.Add(-5*time.Hour), change.Add(5*time.Hour)
			want := slotsByMinute(a, zone, from, to)
			c := a.crontab(t, zone.String())
			got := between(c, from, to)
			if !slices.EqualFunc(got, want, time.Time.Equal) {
				t.Fatalf("%s, %s at %s:\ngot  %v\nwant %v", zone, c.Spec(), change, got, want)
			}
			checkMinimal(t, c, want, from.Add(time.Duration(random.Int64N(int64(10*time.Hour)))))
			changes, compared = changes+1, compared+len(want)
		}
	}
	if changes < 1000 || compared < 10*changes {
		t.Errorf("compared %d slots around %d changes, too few to mean anything", compared, changes)
	}
}

// TestCrontab_Calendar compares sparse crontabs with every minute of two months.
func TestCrontab_Calendar(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	compared := 0
	for range 40 {
		a := draw(random, 40)
		from := time.Date(2026+random.IntN(4), time.Month(1+random.IntN(12)), 1+random.IntN(28), random.IntN(24), random.IntN(60), 0, 0, time.UTC)
		to := from.AddDate(0, 2, 0)
		c := a.crontab(t, "UTC")
		want := slotsByMinute(a, time.UTC, from, to)
		if got := between(c, from, to); !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%v from %s:\ngot  %v\nwant %v", c.Spec(), from, got, want)
		}
		compared += len(want)
	}
	if compared < 1000 {
		t.Errorf("compared %d slots, too few to mean anything", compared)
	}
}

// between returns the slots after one moment and up to another.
func between(s schedule.Schedule, from, to time.Time) (slots []time.Time) {
	for t := from; ; {
		next, ok := s.Next(t)
		if !ok || next.After(to) {
			return slots
		}
		slots = append(slots, next)
		t = next
	}
}

// checkMinimal asks for the next slot from within a minute.
func checkMinimal(t *testing.T, s schedule.Schedule, slots []time.Time, after time.Time) {
	t.Helper()
	i := slices.IndexFunc(slots, func(slot time.Time) bool { return slot.After(after) })
	if i < 0 {
		return
	}
	if got, ok := s.Next(after); !ok || !got.Equal(slots[i]) {
		t.Errorf("after %s: got %s, want %s", after, got, slots[i])
	}
}

// TestCrontab_Clocks names what the property means where it is known best.
func TestCrontab_Clocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, minute, hour, zone, after string
		want                            []string
	}{
		{"a gap of an hour", "30", "2", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"}},
		{"a gap of half an hour", "15", "2", "Australia/Lord_Howe", "2026-10-02T12:00:00Z", []string{"2026-10-02T15:45:00Z", "2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"}},
		{"a gap of two hours", "30", "1", "Antarctica/Troll", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-29T23:30:00Z"}},
		{"a gap at midnight", "0", "0", "Africa/Cairo", "2026-04-23T12:00:00Z", []string{"2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"}},
		{"a day that was left out", "0", "12", "Pacific/Apia", "2011-12-29T12:00:00Z", []string{"2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"}},
		{"times of a gap are one slot", "0,15,30,45", "2", "Europe/Berlin", "2026-03-29T00:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		{"a gap that ends at a slot", "0", "2-3", "Europe/Berlin", "2026-03-29T00:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		{"shown twice, runs first", "30", "1", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"asked in the repeated hour", "30", "1", "America/New_York", "2026-11-01T06:10:00Z", []string{"2026-11-02T06:30:00Z"}},
		{"every half hour pauses", "*/30", "*", "America/New_York", "2026-11-01T05:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z"}},
		{"half an hour twice", "45", "1", "Australia/Lord_Howe", "2026-04-03T20:00:00Z", []string{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"}},
		{"winter time as an exception", "30", "1", "Europe/Dublin", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
	}
	for _, tt := range tests {
		c := crontab(t, tt.minute+" "+tt.hour+" * * *", tt.zone)
		if got := slots(c, moment(t, tt.after), len(tt.want)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestCrontab_Year runs daily crontabs for years near and far: every day of the calendar
// has one slot, whatever the clocks do.
func TestCrontab_Year(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/New_York", "Europe/London", "Australia/Sydney", "Australia/Lord_Howe"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, year := range []int{2027, 2028, 2039, 2040, 2096} {
			checkDaily(t, zone, year)
		}
	}
}

func checkDaily(t *testing.T, zone *time.Location, year int) {
	t.Helper()
	days := time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	for _, at := range []string{"0 0", "30 1", "45 1", "0 2", "15 2", "30 2", "59 2", "0 3", "59 23"} {
		c := crontab(t, at+" * * *", zone.String())
		got := between(c, time.Date(year, 1, 1, 0, 0, 0, -1, zone), time.Date(year+1, 1, 1, 0, 0, 0, -1, zone))
		dates := map[string]int{}
		for _, slot := range got {
			dates[slot.In(zone).Format(time.DateOnly)]++
		}
		if len(got) != days || len(dates) != days {
			t.Errorf("%s in %s: got %d slots on %d days of %d, want %d", at, zone, len(got), len(dates), year, days)
		}
	}
}
