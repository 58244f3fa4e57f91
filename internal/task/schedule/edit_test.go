package schedule_test

import (
	"testing"
	"time"

	"roster/internal/task/schedule"
)

// TestEntry_BeforeEdit edits entries of every kind at noon, with and without a
// start time and a last run: no slot before noon is due, and the next one is as
// if the entry had always been as it is now.
func TestEntry_BeforeEdit(t *testing.T) {
	t.Parallel()
	edited := moment(t, "2026-11-20T12:00:00Z")
	for _, tt := range []struct {
		name  string
		s     schedule.Schedule
		start string
		last  string
		next  string
	}{
		{"crontab", crontab(t, "*/10 * * * *", "UTC"), "", "", "12:10:00"},
		{"crontab with a start", crontab(t, "*/10 * * * *", "UTC"), "2026-01-01T00:00:00Z", "", "12:10:00"},
		{"crontab that ran", crontab(t, "*/10 * * * *", "UTC"), "2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z", "12:00:00"}, // on time, within Grace
		{"hourly crontab that ran", crontab(t, "30 * * * *", "UTC"), "", "2026-11-20T09:30:00Z", "12:30:00"},
		{"interval", interval(t, 7, "minutes"), "", "", "12:07:00"},
		{"interval with a start", interval(t, 7, "minutes"), "2026-11-20T11:52:30Z", "", "12:06:30"},
		{"interval with a start long ago", interval(t, 1, "days"), "0001-06-01T12:03:00Z", "", "12:03:00"},
		{"interval that ran", interval(t, 7, "minutes"), "", "2026-11-20T11:00:01Z", "12:03:01"},
		{"interval that ran before its start", interval(t, 7, "minutes"), "2026-11-20T11:00:02Z", "2026-11-20T10:00:00Z", "12:03:02"},
		{"solar", solar(t, "sunset", 52.52, 13.4), "", "", "15:06:40"},
		{"solar with a start", solar(t, "sunset", 52.52, 13.4), "2026-01-01T00:00:00Z", "", "15:06:40"},
		{"solar that ran", solar(t, "sunset", 52.52, 13.4), "", "2026-11-01T00:00:00Z", "15:06:40"},
		{"clocked later", clocked(t, "2026-11-20T13:00:00Z"), "2026-01-01T00:00:00Z", "", "13:00:00"},
		{"clocked before", clocked(t, "2026-11-20T11:00:00Z"), "", "", ""},
		{"clocked before, with a start", clocked(t, "2026-11-20T11:00:00Z"), "2026-11-20T10:00:00Z", "", ""},
	} {
		e := schedule.Entry{Name: tt.name, Enabled: true, Schedule: tt.s, Changed: edited, Missed: schedule.RunAll}
		if tt.start != "" {
			e.StartTime = moment(t, tt.start)
		}
		if tt.last != "" {
			e.LastRunAt = moment(t, tt.last)
		}
		slots, wake := e.Due(edited)
		if len(slots) > 0 {
			wake = slots[0]
		}
		got := ""
		if !wake.IsZero() {
			got = wake.Format(time.TimeOnly)
		}
		if got != tt.next {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.next)
		}
		if why := e.Idle(edited); (why == "") != (tt.next != "") {
			t.Errorf("%s: got the reason %q", tt.name, why)
		}
	}
}

func TestEntry_Idle(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time { return moment(t, text) }
	now := at("2026-11-20T12:00:05Z")
	for _, tt := range []struct {
		name   string
		change func(*schedule.Entry)
		want   string
	}{
		{"runs", func(*schedule.Entry) {}, ""},
		{"due now", func(e *schedule.Entry) { e.LastRunAt = at("2026-11-19T02:00:00Z"); e.Changed = e.LastRunAt }, ""},
		{"disabled", func(e *schedule.Entry) { e.Enabled = false }, "It is disabled."},
		{"no schedule", func(e *schedule.Entry) { e.Schedule = nil }, "It has no schedule."},
		{"once, ran", func(e *schedule.Entry) { e.OneOff, e.TotalRunCount = true, 3 }, "It is one-off and has already run. To run it again, disable it and then enable it."},
		{"expired", func(e *schedule.Entry) { e.Expires = now }, "It has expired."},
		{"expires too soon", func(e *schedule.Entry) { e.Expires = at("2026-11-21T02:00:00Z") }, "It expires before its next run."},
		{"no such day", func(e *schedule.Entry) { e.Schedule = crontab(t, "0 0 31 2 *", "UTC") }, "Its time never comes."},
		{"no such sun", func(e *schedule.Entry) { e.Schedule = solar(t, "sunrise", 90, 0) }, "Its time never comes."},
		{"clocked, past", func(e *schedule.Entry) { e.Schedule = clocked(t, "2026-11-20T10:00:00Z") }, "Its time was before it was last changed or enabled. Set a later time, or start it manually."},
		{"clocked, before its start", func(e *schedule.Entry) {
			e.Schedule, e.StartTime = clocked(t, "2026-11-21T10:00:00Z"), at("2026-11-22T10:00:00Z")
		}, "Its time is before its start time."},
		{"clocked, ran", func(e *schedule.Entry) {
			e.Schedule, e.LastRunAt = clocked(t, "2026-11-20T12:00:00Z"), at("2026-11-20T12:00:00Z")
		}, "It has already run. To run it again, set a later time."},
	} {
		if got := nightly(t, tt.change).Idle(now); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRow_Stored names what is stored for what is typed: Celery 5.3 reads it the
// same, and the forms of django-celery-beat accept it. The drill of e2e compares
// with Celery itself.
func TestRow_Stored(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ column, typed, want string }{
		{"minute", "*/15", "*/15"},
		{"minute", "0,5,07", "0,5,07"},
		{"minute", "0, 5", "0,5"},
		{"minute", "*/60", "0"},
		{"minute", "*/59", "*/59"},
		{"minute", "55-4", "0-4,55-59"},
		{"minute", "10-50/100", "10"},
		{"minute", "*,5", "*,5"},
		{"hour", "22-2", "0-2,22,23"},
		{"hour", "8-17/3", "8-17/3"},
		{"day_of_week", "7", "0"},
		{"day_of_week", "5-7", "0,5,6"},
		{"day_of_week", "0-7", "*"},
		{"day_of_week", "1-7", "*"},
		{"day_of_week", "1-7/2", "0,1,3,5"},
		{"day_of_week", "7,1", "0,1"},
		{"day_of_week", "7-1", "0,1"},
		{"day_of_week", "mon-fri", "mon-fri"},
		{"day_of_week", "Mon,WED", "Mon,WED"},
		{"day_of_week", "monday", "1"},
		{"day_of_week", "fri-mon", "0,1,5,6"},
		{"day_of_week", "sat-7", "0,6"},
		{"day_of_month", "*/32", "1"},
		{"day_of_month", "31,1-3", "31,1-3"},
		{"month_of_year", "jan", "1"},
		{"month_of_year", "feb-april", "2-4"},
		{"month_of_year", "nov-feb", "1,2,11,12"},
		{"month_of_year", "*/3", "*/3"},
	} {
		spec := withColumn(tt.column, tt.typed)
		stored, err := schedule.Row{Crontab: &spec}.Stored()
		if want := withColumn(tt.column, tt.want); err != nil || *stored.Crontab != want {
			t.Errorf("%s %q: got %+v, %v, want %q", tt.column, tt.typed, stored.Crontab, err, tt.want)
		}
		if spec != withColumn(tt.column, tt.typed) {
			t.Errorf("%s %q: the row itself was changed", tt.column, tt.typed)
		}
	}
}

func TestRow_StoredRefused(t *testing.T) {
	t.Parallel()
	days := func(day, month string) *schedule.CrontabSpec {
		return &schedule.CrontabSpec{Minute: "0", Hour: "0", DayOfWeek: "*", DayOfMonth: day, MonthOfYear: month, Timezone: "UTC"}
	}
	for _, tt := range []struct {
		row         schedule.Row
		field, want string
	}{
		{schedule.Row{Crontab: days("31", "2")}, "day_of_month", `The day_of_month "31" never occurs in the month_of_year "2".`},
		{schedule.Row{Crontab: days("30-31", "feb")}, "day_of_month", `The day_of_month "30-31" never occurs in the month_of_year "feb".`},
		{schedule.Row{Crontab: days("31", "4,6,9,11")}, "day_of_month", `The day_of_month "31" never occurs in the month_of_year "4,6,9,11".`},
		{schedule.Row{Interval: &schedule.IntervalSpec{Every: 999_999, Period: "microseconds"}}, "every", "The number every is 999999, which is less than a second in microseconds."},
		{schedule.Row{Interval: &schedule.IntervalSpec{Every: 0, Period: "days"}}, "every", "The number every is 0; it must be positive."},
		{schedule.Row{Solar: &schedule.SolarSpec{Event: "dawn_astronomical", Latitude: 52.52}}, "event",
			`The event "dawn_astronomical" does not occur every day of the year at the latitude 52.52, which ends Celery's beat.`},
		{schedule.Row{Solar: &schedule.SolarSpec{Event: "sunset", Latitude: -66.6}}, "event",
			`The event "sunset" does not occur every day of the year at the latitude -66.6, which ends Celery's beat.`},
	} {
		_, err := tt.row.Stored()
		checkRefused(t, err, tt.field, tt.want)
	}
	for _, row := range []schedule.Row{
		{Crontab: days("29", "2")}, {Crontab: days("31", "2,3")}, {Crontab: days("30", "4")},
		{Solar: &schedule.SolarSpec{Event: "sunset", Latitude: 65}}, {Solar: &schedule.SolarSpec{Event: "dawn_civil", Latitude: 52.52}},
		{Solar: &schedule.SolarSpec{Event: "solar_noon", Latitude: 90}},
		{Interval: &schedule.IntervalSpec{Every: 1_000_000, Period: "microseconds"}}, {Interval: &schedule.IntervalSpec{Every: 1, Period: "seconds"}},
	} {
		if _, err := row.Stored(); err != nil {
			t.Errorf("%+v: got %v", row, err)
		}
	}
}
