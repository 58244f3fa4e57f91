package schedule_test

import (
	"slices"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

// nightly is an entry that was last edited at noon on 20 November 2026.
func nightly(tb testing.TB, change func(*schedule.Entry)) schedule.Entry {
	tb.Helper()
	e := schedule.Entry{
		Name: "nightly", Task: "users.tasks.generate_daily_report", Enabled: true,
		Schedule: crontab(tb, "0 2 * * *", "UTC"), Changed: moment(tb, "2026-11-20T12:00:00Z"),
	}
	change(&e)
	return e
}

func TestEntry_Due(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time { return moment(t, text) }
	tests := []struct {
		name   string
		change func(*schedule.Entry)
		now    string
		want   []string
		wake   string
	}{
		{"never ran, before its first slot", func(*schedule.Entry) {}, "2026-11-21T01:00:00Z", nil, "2026-11-21T02:00:00Z"},
		{"never ran, at its first slot", func(*schedule.Entry) {}, "2026-11-21T02:00:00Z", []string{"2026-11-21T02:00:00Z"}, "2026-11-22T02:00:00Z"},
		{"ran today", func(e *schedule.Entry) { e.LastRunAt = at("2026-11-21T02:00:00Z") }, "2026-11-21T02:00:05Z", nil, "2026-11-22T02:00:00Z"},
		{"disabled", func(e *schedule.Entry) { e.Enabled = false }, "2026-11-21T02:00:00Z", nil, ""},
		{"without a schedule", func(e *schedule.Entry) { e.Schedule = nil }, "2026-11-21T02:00:00Z", nil, ""},
		{"missed, all", func(e *schedule.Entry) { e.Missed = schedule.RunAll }, "2026-11-22T09:00:00Z", []string{"2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z"}, "2026-11-23T02:00:00Z"},
		{"missed, skipped", func(e *schedule.Entry) { e.Missed = schedule.RunNone }, "2026-11-22T09:00:00Z", nil, "2026-11-23T02:00:00Z"},

		{"expired", func(e *schedule.Entry) { e.Expires = at("2026-11-21T02:00:00Z") }, "2026-11-21T02:00:00Z", nil, ""},
		{"expires later", func(e *schedule.Entry) { e.Expires = at("2026-11-21T02:00:01Z") }, "2026-11-21T02:00:00Z", []string{"2026-11-21T02:00:00Z"}, ""},
		{"expires before its next slot", func(e *schedule.Entry) { e.Expires = at("2026-11-21T02:00:00Z") }, "2026-11-21T01:00:00Z", nil, ""},

		{"starts later", func(e *schedule.Entry) { e.StartTime = at("2026-11-22T02:00:00Z") }, "2026-11-21T02:00:00Z", nil, "2026-11-22T02:00:00Z"},
		{"starts after the slot of the day", func(e *schedule.Entry) { e.StartTime = at("2026-11-22T02:00:01Z") }, "2026-11-22T03:00:00Z", nil, "2026-11-23T02:00:00Z"},
		{"started long ago, never ran", func(e *schedule.Entry) { e.StartTime = at("2026-01-01T00:00:00Z") }, "2026-11-20T12:00:00Z", nil, "2026-11-21T02:00:00Z"},
		{"started before its last run", func(e *schedule.Entry) {
			e.StartTime, e.LastRunAt = at("2026-01-01T00:00:00Z"), at("2026-11-21T02:00:00Z")
		}, "2026-11-21T03:00:00Z", nil, "2026-11-22T02:00:00Z"},
		{"start moved beyond its last run", func(e *schedule.Entry) {
			e.StartTime, e.LastRunAt = at("2026-11-25T00:00:00Z"), at("2026-11-21T02:00:00Z")
		}, "2026-11-23T03:00:00Z", nil, "2026-11-25T02:00:00Z"},

		{"once, never ran", func(e *schedule.Entry) { e.OneOff, e.Missed = true, schedule.RunAll }, "2026-11-23T03:00:00Z", []string{"2026-11-23T02:00:00Z"}, ""},
		{"once, not yet", func(e *schedule.Entry) { e.OneOff = true }, "2026-11-21T01:00:00Z", nil, "2026-11-21T02:00:00Z"},
		{"once, ran", func(e *schedule.Entry) { e.OneOff, e.TotalRunCount = true, 1 }, "2026-11-23T03:00:00Z", nil, ""},

		{"interval, from its edit", func(e *schedule.Entry) { e.Schedule = interval(t, 7, "hours") }, "2026-11-20T19:00:00Z", []string{"2026-11-20T19:00:00Z"}, "2026-11-21T02:00:00Z"},
		{"interval, from its last run", func(e *schedule.Entry) {
			e.Schedule, e.LastRunAt = interval(t, 7, "hours"), at("2026-11-20T13:30:00Z")
		}, "2026-11-21T00:00:00Z", []string{"2026-11-20T20:30:00Z"}, "2026-11-21T03:30:00Z"},
		{"interval, begins with its start", func(e *schedule.Entry) {
			e.Schedule, e.StartTime = interval(t, 7, "hours"), at("2026-11-22T10:00:00Z")
		}, "2026-11-21T00:00:00Z", nil, "2026-11-22T10:00:00Z"},

		{"clocked, edited after its time", func(e *schedule.Entry) { e.Schedule = clocked(t, "2026-11-20T10:00:00Z") }, "2026-11-20T12:00:01Z", nil, ""},
		{"clocked, edited just after its time", func(e *schedule.Entry) { e.Schedule = clocked(t, "2026-11-20T11:59:30Z") }, "2026-11-20T12:00:01Z", []string{"2026-11-20T11:59:30Z"}, ""},
		{"clocked, missed", func(e *schedule.Entry) { e.Schedule = clocked(t, "2026-11-20T13:00:00Z") }, "2026-11-25T12:00:01Z", []string{"2026-11-20T13:00:00Z"}, ""},
		{"clocked, ran", func(e *schedule.Entry) {
			e.Schedule, e.LastRunAt = clocked(t, "2026-11-20T10:00:00Z"), at("2026-11-20T10:00:00Z")
		}, "2026-11-20T12:00:01Z", nil, ""},

		{"clock went back a little", func(e *schedule.Entry) { e.LastRunAt = at("2026-11-21T02:00:00Z") }, "2026-11-20T23:00:00Z", nil, "2026-11-22T02:00:00Z"},
		{"clock had been a year ahead", func(e *schedule.Entry) { e.LastRunAt = at("2027-11-21T02:00:00Z") }, "2026-11-21T02:00:30Z", []string{"2026-11-21T02:00:00Z"}, "2026-11-22T02:00:00Z"},
		{"clock had been a year ahead, interval", func(e *schedule.Entry) {
			e.Schedule, e.LastRunAt = interval(t, 10, "minutes"), at("2027-11-21T02:03:00Z")
		}, "2026-11-21T02:00:30Z", nil, "2026-11-21T02:03:00Z"},
	}
	for _, tt := range tests {
		got, wake := nightly(t, tt.change).Due(at(tt.now))
		if !slices.Equal(formatted(got), tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, formatted(got), tt.want)
		}
		var woken string
		if !wake.IsZero() {
			woken = wake.Format(time.RFC3339)
		}
		if woken != tt.wake {
			t.Errorf("%s: asks again at %q, want %q", tt.name, woken, tt.wake)
		}
	}
}

// TestEntry_Ran follows entries through their lives with a scheduler that
// wakes when asked to, and is late by some seconds.
func TestEntry_Ran(t *testing.T) {
	t.Parallel()
	for _, s := range []schedule.Schedule{
		crontab(t, "30 1 * * *", "America/New_York"),
		interval(t, 90, "minutes"),
		solar(t, "sunrise", 40.7128, -74.006),
	} {
		e := nightly(t, func(e *schedule.Entry) { e.Schedule = s })
		now := e.Changed
		for range 400 {
			slots, wake := e.Due(now)
			for _, slot := range slots {
				if !slot.After(e.LastRunAt) || slot.After(now) {
					t.Fatalf("%s: got %s after %s at %s", s.Describe(), slot, e.LastRunAt, now)
				}
				e = e.Ran(slot)
			}
			if again, _ := e.Due(now); len(again) > 0 {
				t.Fatalf("%s: got %v twice", s.Describe(), formatted(again))
			}
			if !wake.After(now) {
				t.Fatalf("%s: asks again at %s, which is not after %s", s.Describe(), wake, now)
			}
			now = wake.Add(7 * time.Second)
		}
		want := between(s, e.Changed, e.LastRunAt)
		if e.TotalRunCount != 399 || len(want) != 399 {
			t.Errorf("%s: got %d runs for %d slots, want 399", s.Describe(), e.TotalRunCount, len(want))
		}
	}
}

func TestEntry_RanOnce(t *testing.T) {
	t.Parallel()
	e := nightly(t, func(e *schedule.Entry) { e.OneOff = true })
	ran := e.Ran(moment(t, "2026-11-21T02:00:00Z"))
	if ran.Enabled || ran.TotalRunCount != 0 || ran.LastRunAt.IsZero() {
		t.Errorf("got %+v, want a disabled entry with a new count", ran)
	}
	if !e.Enabled {
		t.Error("the entry itself was changed")
	}
}

func TestEntry_Deadline(t *testing.T) {
	t.Parallel()
	now, end := moment(t, "2026-11-21T02:00:00Z"), moment(t, "2026-12-01T00:00:00Z")
	for _, tt := range []struct {
		expires time.Time
		seconds int64
		want    time.Time
	}{
		{time.Time{}, 0, time.Time{}},
		{end, 0, end},
		{time.Time{}, 90, now.Add(90 * time.Second)},
		{end, 90, end},
	} {
		if got := (schedule.Entry{Expires: tt.expires, ExpireSeconds: tt.seconds}).Deadline(now); !got.Equal(tt.want) {
			t.Errorf("%v: got %s", tt, got)
		}
	}
}
