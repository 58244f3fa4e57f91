package schedule_test

import (
	"strings"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

// crontab parses the five columns in the order of crontab(5): minute, hour,
// day of month, month, day of week.
func crontab(tb testing.TB, columns, zone string) schedule.Crontab {
	tb.Helper()
	column := strings.Fields(columns)
	c, err := schedule.ParseCrontab(schedule.CrontabSpec{
		Minute: column[0], Hour: column[1], DayOfMonth: column[2], MonthOfYear: column[3], DayOfWeek: column[4], Timezone: zone,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func moment(tb testing.TB, text string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// slots returns the first n slots after a moment, in RFC 3339.
func slots(s schedule.Schedule, after time.Time, n int) (texts []string) {
	for range n {
		next, ok := s.Next(after)
		if !ok {
			break
		}
		texts = append(texts, next.Format(time.RFC3339))
		after = next
	}
	return texts
}

func TestCrontab_Next(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                              string
		minute, hour, day, month, weekday string
		zone, after, want                 string
	}{
		{"every minute", "*", "*", "*", "*", "*", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
		{"strictly after, within the minute", "*", "*", "*", "*", "*", "UTC", "2026-01-01T00:00:59.999999Z", "2026-01-01T00:01:00Z"},
		{"a nanosecond before", "0", "0", "*", "*", "*", "UTC", "2025-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00Z"},
		{"daily, today", "30", "2", "*", "*", "*", "UTC", "2026-03-01T02:29:00Z", "2026-03-01T02:30:00Z"},
		{"daily, tomorrow", "30", "2", "*", "*", "*", "UTC", "2026-03-01T02:30:00Z", "2026-03-02T02:30:00Z"},
		{"in its zone", "30", "2", "*", "*", "*", "America/New_York", "2026-01-01T00:00:00Z", "2026-01-01T07:30:00Z"},
		{"the hour after", "5", "*/6", "*", "*", "*", "UTC", "2026-03-01T06:05:00Z", "2026-03-01T12:05:00Z"},
		{"over the weekend", "*/15", "8-17", "*", "*", "1-5", "UTC", "2026-11-20T17:45:00Z", "2026-11-23T08:00:00Z"},
		{"over the year", "0", "0", "1", "1", "*", "UTC", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"both day of month and weekday", "0", "0", "13", "*", "fri", "UTC", "2026-01-01T00:00:00Z", "2026-02-13T00:00:00Z"},
		{"first and third Monday", "0", "0", "1-7,15-21", "*", "1", "UTC", "2026-11-02T00:00:00Z", "2026-11-16T00:00:00Z"},
		{"the 31st", "0", "0", "31", "*", "*", "UTC", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"},
		{"29 February", "0", "0", "29", "2", "*", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"29 February over 2100", "0", "0", "29", "2", "*", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
		{"a Monday on 29 February over 2100", "0", "0", "29", "2", "mon", "UTC", "2072-03-01T00:00:00Z", "2112-02-29T00:00:00Z"},
	}
	for _, tt := range tests {
		c := crontab(t, strings.Join([]string{tt.minute, tt.hour, tt.day, tt.month, tt.weekday}, " "), tt.zone)
		next, ok := c.Next(moment(t, tt.after))
		if got := next.Format(time.RFC3339Nano); !ok || got != tt.want {
			t.Errorf("%s: got %s, %t, want %s", tt.name, got, ok, tt.want)
		}
	}
}
