package schedule_test

import (
	"strings"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

func interval(tb testing.TB, every int64, period string) schedule.Interval {
	tb.Helper()
	i, err := schedule.ParseInterval(every, period)
	if err != nil {
		tb.Fatal(err)
	}
	return i
}

func clocked(tb testing.TB, at string) schedule.Clocked {
	tb.Helper()
	c, err := schedule.ParseClocked(moment(tb, at))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestInterval(t *testing.T) {
	t.Parallel()
	tests := []struct {
		every         int64
		period        string
		want, reading string
	}{
		{10, "minutes", "2026-03-08T06:10:00Z", "every 10 minutes"},
		{1, "days", "2026-03-09T06:00:00Z", "every day"},
		{36, "hours", "2026-03-09T18:00:00Z", "every 36 hours"},
		{1, "seconds", "2026-03-08T06:00:01Z", "every second"},
		{1250000, "microseconds", "2026-03-08T06:00:01.25Z", "every 1250000 microseconds"},
	}
	for _, tt := range tests {
		i := interval(t, tt.every, tt.period)
		next, ok := i.Next(moment(t, "2026-03-08T01:00:00-05:00"))
		if got := next.Format(time.RFC3339Nano); !ok || got != tt.want {
			t.Errorf("%d %s: got %s, %t, want %s", tt.every, tt.period, got, ok, tt.want)
		}
		if got := i.Describe(); got != tt.reading {
			t.Errorf("got %q, want %q", got, tt.reading)
		}
	}
}

func TestParseInterval_Refused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		every               int64
		period, field, want string
	}{
		{0, "days", "every", "The number every is 0; it must be positive."},
		{-3, "days", "every", "The number every is -3; it must be positive."},
		{106752, "days", "every", "The number every is 106752, which is too long in days."},
		{1, "weeks", "period", `The period "weeks" is not days, hours, minutes, seconds or microseconds.`},
		{1, "Days", "period", `The period "Days" is not days, hours, minutes, seconds or microseconds.`},
	}
	for _, tt := range tests {
		_, err := schedule.ParseInterval(tt.every, tt.period)
		checkRefused(t, err, tt.field, tt.want)
	}
}

// django-celery-beat has intervals of less than a second, which here have a slot
// per second.
func TestInterval_Short(t *testing.T) {
	t.Parallel()
	for _, every := range []int64{1, 250, 999_999} {
		i := interval(t, every, "microseconds")
		now := moment(t, "2026-11-23T00:00:00Z")
		if next, ok := i.Next(now); !ok || !next.Equal(now.Add(time.Second)) {
			t.Errorf("%d: got %s", every, next)
		}
		if got, want := i.Describe(), "microsecond"; !strings.Contains(got, want) || !strings.HasSuffix(got, ", at most once a second") {
			t.Errorf("%d: got %q", every, got)
		}
	}
}

func TestClocked(t *testing.T) {
	t.Parallel()
	c := clocked(t, "2027-01-01T01:00:00.123456789+01:00")
	want := moment(t, "2027-01-01T00:00:00.123456Z")
	if next, ok := c.Next(want.Add(-1)); !ok || !next.Equal(want) {
		t.Errorf("got %s, %t, want %s", next, ok, want)
	}
	if next, ok := c.Next(want); ok {
		t.Errorf("got %s after the only slot", next)
	}
	if got, want := c.Describe(), "once at 2027-01-01 00:00:00 UTC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, at := range []time.Time{{}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)} {
		_, err := schedule.ParseClocked(at)
		checkRefused(t, err, "clocked_time", "The clocked_time "+at.Format(time.RFC3339)+" is not a time in the years 1 to 9999.")
	}
}

// TestNext_None asks schedules that have no slot left.
func TestNext_None(t *testing.T) {
	t.Parallel()
	now := moment(t, "2026-11-23T00:00:00Z")
	end := moment(t, "9999-12-31T23:59:59Z")
	tests := []struct {
		name  string
		s     schedule.Schedule
		after time.Time
	}{
		{"31 February", crontab(t, "0 0 31 2 *", "UTC"), now},
		{"31 of short months on Mondays", crontab(t, "* * 31 2,4,6,9,11 mon", "Europe/Berlin"), now},
		{"crontab, the last minute of 9999", crontab(t, "* * * * *", "UTC"), end},
		{"interval, the last second of 9999", interval(t, 1, "seconds"), end},
		{"sunrise at the pole", solar(t, "sunrise", 90, 0), now},
		{"sunset, the last second of 9999", solar(t, "sunset", 0, 0), end},
		{"no crontab", schedule.Crontab{}, now},
		{"no interval", schedule.Interval{}, now},
		{"no moment", schedule.Clocked{}, now},
		{"no event", schedule.Solar{}, now},
	}
	for _, tt := range tests {
		if next, ok := tt.s.Next(tt.after); ok || !next.IsZero() {
			t.Errorf("%s: got %s", tt.name, next)
		}
	}
}

func TestParseSolar_Refused(t *testing.T) {
	t.Parallel()
	_, err := schedule.ParseSolar("noon", 0, 0)
	checkRefused(t, err, "event", `The event "noon" is not one of dawn_astronomical, dawn_nautical, dawn_civil, sunrise, solar_noon, sunset, dusk_civil, dusk_nautical and dusk_astronomical.`)
	_, err = schedule.ParseSolar("sunset", 90.000001, 0)
	checkRefused(t, err, "latitude", "The latitude 90.000001 is not from -90 to 90.")
	_, err = schedule.ParseSolar("sunset", 0, -180.5)
	checkRefused(t, err, "longitude", "The longitude -180.5 is not from -180 to 180.")
}

func TestSolar_Describe(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]schedule.Solar{
		"at sunset, 51.4779 north 0.0015 west":              solar(t, "sunset", 51.477928, -0.001545),
		"at dawn astronomical, 33.8688 south 151.2093 east": solar(t, "dawn_astronomical", -33.8688, 151.2093),
	} {
		if got := s.Describe(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSolar_Year counts the days with a sunrise at places whose polar days and
// nights are known, and that no day has two.
func TestSolar_Year(t *testing.T) {
	t.Parallel()
	from, to := moment(t, "2026-01-01T00:00:00Z"), moment(t, "2027-01-01T00:00:00Z")
	for _, tt := range []struct {
		name        string
		latitude    float64
		least, most int
	}{
		{"Greenwich", 51.477928, 365, 365},
		{"Tromso, 69 days of light and 50 of night", 69.6492, 240, 252},
		{"Longyearbyen, 127 days of light and 112 of night", 78.2232, 120, 134},
	} {
		got := between(solar(t, "sunrise", tt.latitude, 0), from, to)
		if len(got) < tt.least || len(got) > tt.most {
			t.Errorf("%s: got %d sunrises, want %d to %d", tt.name, len(got), tt.least, tt.most)
		}
		for i, sunrise := range got[1:] {
			if apart := sunrise.Sub(got[i]); apart < 22*time.Hour {
				t.Errorf("%s: got sunrises %s apart at %s", tt.name, apart, sunrise)
			}
		}
	}
}
