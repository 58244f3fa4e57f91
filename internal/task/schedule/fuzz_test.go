package schedule_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/task/schedule"
)

func fieldsOf(err error) fault.Fields {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Fields
	}
	return nil
}

// checkNext holds a schedule to the contract of Next: strictly after, the same
// from wherever one asks, in UTC, within the years that can be stored.
func checkNext(t *testing.T, s schedule.Schedule, after time.Time) {
	t.Helper()
	next, ok := s.Next(after)
	if !ok {
		return
	}
	if !next.After(after) || next.Location() != time.UTC || next.Year() > 9999 {
		t.Fatalf("%s after %s: got %s", s.Describe(), after, next)
	}
	if _, counts := s.(schedule.Interval); counts {
		return
	}
	for _, between := range []time.Time{after.Add(next.Sub(after) / 2), next.Add(-1)} {
		if again, ok := s.Next(between); !ok || !again.Equal(next) {
			t.Fatalf("%s: got %s after %s, but %s after %s", s.Describe(), next, after, again, between)
		}
	}
}

func FuzzParseCrontab(f *testing.F) {
	f.Add("*", "*", "*", "*", "*", "UTC", int64(0))
	f.Add("*/15", "8-17", "mon-fri", "1-7,15-21", "jan-mar/2", "America/New_York", int64(1772953200))
	f.Add("0", "2", "7", "31", "2", "Australia/Lord_Howe", int64(1790000000))
	f.Add("30", "0-23/3", "fri-mon", "*", "nov-feb", "Pacific/Apia", int64(1325150000))
	f.Add("59", "23", "0-7", "29", "2", "Europe/Dublin", int64(-1))
	f.Fuzz(func(t *testing.T, minute, hour, weekday, day, month, zone string, after int64) {
		spec := schedule.CrontabSpec{Minute: minute, Hour: hour, DayOfWeek: weekday, DayOfMonth: day, MonthOfYear: month, Timezone: zone}
		c, err := schedule.ParseCrontab(spec)
		if err != nil {
			checkSentences(t, err)
			return
		}
		if c.Spec() != spec || c.Describe() == "" {
			t.Errorf("got %v and %q", c.Spec(), c.Describe())
		}
		checkNext(t, c, time.Unix(after, after&0x3fffffff))
	})
}

// checkSentences holds an error to what a person may read.
func checkSentences(t *testing.T, err error) {
	t.Helper()
	if fault.KindOf(err) != fault.Invalid || len(fieldsOf(err)) == 0 {
		t.Fatalf("got %v", err)
	}
	for _, field := range fieldsOf(err) {
		for _, message := range field.Messages {
			if !strings.HasPrefix(message, "The ") || !strings.HasSuffix(message, ".") && !strings.HasSuffix(message, "?") || !strings.Contains(message, field.Name) {
				t.Errorf("got %q about %s", message, field.Name)
			}
		}
	}
}

func FuzzParseInterval(f *testing.F) {
	f.Add(int64(10), "minutes", int64(0))
	f.Add(int64(1), "microseconds", int64(1790000000))
	f.Add(int64(106751), "days", int64(-62135596800))
	f.Add(int64(0), "weeks", int64(0))
	f.Fuzz(func(t *testing.T, every int64, period string, after int64) {
		i, err := schedule.ParseInterval(every, period)
		if err != nil {
			checkSentences(t, err)
			return
		}
		checkNext(t, i, time.Unix(after, 0))
	})
}

func FuzzParseClocked(f *testing.F) {
	f.Add(int64(1798761600), int64(0))
	f.Add(int64(-62135596800), int64(999))
	f.Add(int64(253402300800), int64(0))
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64) {
		at := time.Unix(seconds, nanoseconds&0x3fffffff)
		c, err := schedule.ParseClocked(at)
		if err != nil {
			checkSentences(t, err)
			return
		}
		checkNext(t, c, at.Add(-time.Hour))
		if next, ok := c.Next(at); ok {
			t.Errorf("got %s after %s", next, at)
		}
	})
}

func FuzzParseSolar(f *testing.F) {
	f.Add("sunset", 51.477928, -0.001545, int64(1790000000))
	f.Add("dawn_astronomical", 90.0, 180.0, int64(0))
	f.Add("solar_noon", -89.9, -180.0, int64(1))
	f.Add("sunrise", math.Inf(1), math.NaN(), int64(1))
	f.Add("dusk_civil", 68.7, 0.0, int64(1784000000))
	f.Fuzz(func(t *testing.T, event string, latitude, longitude float64, after int64) {
		s, err := schedule.ParseSolar(event, latitude, longitude)
		if err != nil {
			checkSentences(t, err)
			return
		}
		checkNext(t, s, time.Unix(after, 0))
	})
}

func FuzzParseMissed(f *testing.F) {
	f.Add("once")
	f.Add("")
	f.Add("ALL")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := schedule.ParseMissed(text)
		if err != nil {
			checkSentences(t, err)
			return
		}
		if again, err := schedule.ParseMissed(string(m)); err != nil || again != m {
			t.Errorf("got %q, %v, want %q", again, err, m)
		}
	})
}

func FuzzArguments(f *testing.F) {
	f.Add(`["Happy new year", "Hello"]`, `{"user_filter": {"is_active": true}}`)
	f.Add("", "")
	f.Add("null", "null")
	f.Add(`[1,2,3,4]`, `{"subject": 1}`)
	target, _ := schedule.Find("users.tasks.send_bulk_notification")
	f.Fuzz(func(t *testing.T, args, kwargs string) {
		named, err := target.Arguments(args, kwargs)
		if err != nil {
			checkSentences(t, err)
			return
		}
		if _, err := json.Marshal(named); err != nil || named == nil {
			t.Errorf("got %v, which does not go back to JSON: %v", named, err)
		}
	})
}
