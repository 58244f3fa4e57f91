package schedule_test

import (
	"slices"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

// formatted returns slots as texts; cmp prints those shorter than times.
func formatted(slots []time.Time) (texts []string) {
	for _, slot := range slots {
		texts = append(texts, slot.Format(time.RFC3339))
	}
	return texts
}

func TestMissed_Slots(t *testing.T) {
	t.Parallel()
	daily := crontab(t, "0 2 * * *", "UTC")
	ten := interval(t, 10, "minutes")
	once := clocked(t, "2026-11-21T12:00:00Z")
	tests := []struct {
		name       string
		policy     schedule.Missed
		s          schedule.Schedule
		after, now string
		want       []string
	}{
		{"not yet", schedule.RunAll, daily, "2026-11-20T02:00:00Z", "2026-11-21T01:59:59Z", nil},
		{"at the moment", schedule.RunOnce, daily, "2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z", []string{"2026-11-21T02:00:00Z"}},
		{"punctual, none missed", schedule.RunNone, daily, "2026-11-20T02:00:00Z", "2026-11-21T02:01:00Z", []string{"2026-11-21T02:00:00Z"}},
		{"late", schedule.RunNone, daily, "2026-11-20T02:00:00Z", "2026-11-21T02:01:01Z", nil},
		{"three days away, once", schedule.RunOnce, daily, "2026-11-20T02:00:00Z", "2026-11-23T09:00:00Z", []string{"2026-11-23T02:00:00Z"}},
		{"three days away, all", schedule.RunAll, daily, "2026-11-20T02:00:00Z", "2026-11-23T09:00:00Z", []string{"2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z"}},
		{"no policy is once", "", daily, "2026-11-20T02:00:00Z", "2026-11-23T09:00:00Z", []string{"2026-11-23T02:00:00Z"}},
		{"an interval keeps its rhythm", schedule.RunOnce, ten, "2026-11-20T02:03:00Z", "2026-11-20T03:00:00Z", []string{"2026-11-20T02:53:00Z"}},
		{"intervals, all", schedule.RunAll, ten, "2026-11-20T02:03:00Z", "2026-11-20T02:33:00Z", []string{"2026-11-20T02:13:00Z", "2026-11-20T02:23:00Z", "2026-11-20T02:33:00Z"}},
		{"clocked, all", schedule.RunAll, once, "2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z", []string{"2026-11-21T12:00:00Z"}},
		{"clocked, over", schedule.RunAll, once, "2026-11-21T12:00:00Z", "2026-11-23T00:00:00Z", nil},
		{"clocks that went back", schedule.RunAll, daily, "2026-11-23T02:00:00Z", "2026-11-20T02:00:00Z", nil},
	}
	for _, tt := range tests {
		got := formatted(tt.policy.Slots(tt.s, moment(t, tt.after), moment(t, tt.now)))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestMissed_Bounded comes back after ten years: what has to run is bounded,
// and it is the latest.
func TestMissed_Bounded(t *testing.T) {
	t.Parallel()
	after, now := moment(t, "2016-01-01T00:00:00Z"), moment(t, "2026-01-01T00:00:00Z")
	for _, s := range []schedule.Schedule{
		crontab(t, "* * * * *", "UTC"),
		interval(t, 1, "minutes"),
		interval(t, 1_000_001, "microseconds"),
		crontab(t, "* * * 1-11 *", "Europe/Berlin"),
		solar(t, "sunrise", 78.2232, 15.6267),
	} {
		got := schedule.RunAll.Slots(s, after, now)
		if len(got) != schedule.MaxMissed || !slices.IsSortedFunc(got, time.Time.Compare) {
			t.Fatalf("%s: got %d slots, want %d in order", s.Describe(), len(got), schedule.MaxMissed)
		}
		want := between(s, got[0].Add(-1), now)
		if _, counts := s.(schedule.Interval); counts {
			want = between(s, got[0], now)
			got = got[1:]
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("%s: got %v, want %v", s.Describe(), formatted(got), formatted(want))
		}
	}
}

func TestParseMissed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]schedule.Missed{"": schedule.RunOnce, "once": schedule.RunOnce, "skip": schedule.RunNone, "all": schedule.RunAll} {
		if got, err := schedule.ParseMissed(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
	_, err := schedule.ParseMissed("never")
	checkRefused(t, err, "missed", `The policy missed "never" is not once, skip or all.`)
}
