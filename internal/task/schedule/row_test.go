package schedule_test

import (
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/task/schedule"
)

func TestRow_Read(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for want, row := range map[string]schedule.Row{
		"every day at 03:30 (UTC)":          {Crontab: &schedule.CrontabSpec{Minute: "30", Hour: "3", DayOfWeek: "*", DayOfMonth: "*", MonthOfYear: "*", Timezone: "UTC"}},
		"every 10 minutes":                  {Interval: &schedule.IntervalSpec{Every: 10, Period: "minutes"}},
		"once at 2027-01-01 00:00:00 UTC":   {Clocked: at},
		"":                                  {},
		"an interval of nothing":            {Interval: &schedule.IntervalSpec{Period: "minutes"}},
		"a crontab of nothing":              {Crontab: &schedule.CrontabSpec{}},
		"a sun that does not rise anywhere": {Solar: &schedule.SolarSpec{Event: "moonrise"}},
	} {
		row.Name = "job"
		e, err := row.Read()
		switch {
		case err != nil && (fault.KindOf(err) != fault.Invalid || len(want) > 0 && want[0] == 'e'):
			t.Errorf("%q: got %v", want, err)
		case err == nil && (e.Schedule.Describe() != want || e.Name != "job"):
			t.Errorf("got %q, want %q", e.Schedule.Describe(), want)
		}
	}
	noon, err := schedule.Row{Solar: &schedule.SolarSpec{Event: "solar_noon", Latitude: 52, Longitude: 13}}.Read()
	if next, ok := noon.Schedule.Next(at); err != nil || !ok || next.Sub(at) > 24*time.Hour {
		t.Errorf("got %v, %v, %v", next, ok, err)
	}
}
