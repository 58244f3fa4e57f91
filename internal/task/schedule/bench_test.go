package schedule_test

import (
	"testing"
	"time"

	"roster/internal/task/schedule"
)

func BenchmarkNext(b *testing.B) {
	for _, bench := range []struct {
		name string
		s    schedule.Schedule
	}{
		{"EveryMinuteUTC", crontab(b, "* * * * *", "UTC")},
		{"QuarterHoursNewYork", crontab(b, "*/15 8-17 * * 1-5", "America/New_York")},
		{"NightlyBerlin", crontab(b, "30 3 * * *", "Europe/Berlin")},
		{"LeapMondayLordHowe", crontab(b, "0 0 29 2 mon", "Australia/Lord_Howe")},
		{"Impossible", crontab(b, "0 0 31 2 *", "Europe/Berlin")},
		{"Interval", interval(b, 10, "minutes")},
		{"Sunset", solar(b, "sunset", 51.477928, -0.001545)},
		{"SunriseNever", solar(b, "sunrise", 90, 0)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			from := moment(b, "2026-11-23T12:34:56Z")
			t := from
			for b.Loop() {
				next, ok := bench.s.Next(t)
				if t = next; !ok || next.Year() > 2100 {
					t = from
				}
			}
		})
	}
}

// BenchmarkDue is a scheduler's tick over an entry after a year of downtime.
func BenchmarkDue(b *testing.B) {
	e := nightly(b, func(e *schedule.Entry) { e.Schedule = crontab(b, "* * * * *", "Europe/Berlin") })
	now := e.Changed.Add(365 * 24 * time.Hour)
	for b.Loop() {
		if slots, _ := e.Due(now); len(slots) != 1 {
			b.Fatal(slots)
		}
	}
}

func BenchmarkParseCrontab(b *testing.B) {
	for b.Loop() {
		crontab(b, "*/15 8-17 * * mon-fri", "America/New_York")
	}
}
