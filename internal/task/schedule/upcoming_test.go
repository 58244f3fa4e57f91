package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

func TestUpcoming(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	hourly, err := schedule.ParseInterval(1, "hours")
	if err != nil {
		t.Fatal(err)
	}
	entry := schedule.Entry{Enabled: true, Schedule: hourly, Changed: now.Add(-30 * time.Minute)}
	for name, tt := range map[string]struct {
		edit func(e *schedule.Entry)
		want string
	}{
		"from the edit": {func(*schedule.Entry) {}, "12:30 13:30 14:30"},
		"from the last": {func(e *schedule.Entry) { e.LastRunAt = now.Add(-10 * time.Minute) }, "12:50 13:50 14:50"},
		"missed":        {func(e *schedule.Entry) { e.LastRunAt = now.Add(-150 * time.Minute) }, "12:00 12:30 13:30"},
		"ends":          {func(e *schedule.Entry) { e.Expires = now.Add(2 * time.Hour) }, "12:30 13:30"},
		"once":          {func(e *schedule.Entry) { e.OneOff = true }, "12:30"},
		"disabled":      {func(e *schedule.Entry) { e.Enabled = false }, ""},
		"over":          {func(e *schedule.Entry) { e.Expires = now }, ""},
		"later":         {func(e *schedule.Entry) { e.StartTime = now.Add(5 * time.Hour) }, "17:00 18:00 19:00"},
	} {
		e := entry
		tt.edit(&e)
		var got []string
		for _, at := range e.Upcoming(now, 3) {
			got = append(got, at.Format("15:04"))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", name, got, tt.want)
		}
	}
}

// What is upcoming is what becomes due when its time has come.
func TestUpcoming_IsDue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	crontab, err := schedule.ParseCrontab(schedule.CrontabSpec{
		Minute: "30", Hour: "2", DayOfWeek: "*", DayOfMonth: "*", MonthOfYear: "*", Timezone: "Europe/Berlin",
	})
	if err != nil {
		t.Fatal(err)
	}
	e := schedule.Entry{Enabled: true, Schedule: crontab, Changed: now}
	for _, at := range e.Upcoming(now, 5) {
		slots, _ := e.Due(at)
		if !slices.ContainsFunc(slots, at.Equal) {
			t.Errorf("got %v due at %v", slots, at)
		}
		e = e.Ran(at)
	}
}
