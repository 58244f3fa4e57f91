package store_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// testFilterTasks shows each filter by itself and together with others.
func testFilterTasks(t *testing.T, s *store.Store) {
	other := chore("b", 2)
	other.Queue, other.At = "mail", noon.Add(time.Hour)
	other.RunAt = other.At
	late := chore("a", 3)
	late.RunAt = noon.Add(time.Hour)
	enqueue(t, s, chore("a", 1), other, late)
	finish(t, s, "l", claim(t, s, "l", 0, 1)[0], task.Outcome{State: task.Dead, At: noon, Error: "broken"})
	for want, f := range map[string]task.Filter{
		"3 2 1": {},
		"3 2":   {State: task.Pending},
		"1":     {State: task.Dead},
		"3 1":   {Kind: "a"},
		"2":     {Queue: "mail", From: noon.Add(time.Hour), Before: noon.Add(2 * time.Hour)},
		"3":     {Kind: "a", State: task.Pending, Queue: task.DefaultQueue, Before: noon.Add(time.Hour)},
		"":      {Kind: "c"},
	} {
		found, err := s.ListTasks(t.Context(), f, 0, 10)
		n, failed := s.CountFound(t.Context(), f, 100)
		if got := numbers(found); got != want || err != nil || failed != nil || int(n) != len(found) {
			t.Errorf("%+v: got %s of %d, %v %v, want %s", f, got, n, err, failed, want)
		}
	}
	if found, err := s.ListTasks(t.Context(), task.Filter{}, 1, 1); numbers(found) != "2" || err != nil {
		t.Errorf("got %s, %v, want the second", numbers(found), err)
	}
}

func testCountQueues(t *testing.T, s *store.Store) {
	mail := chore("b", 2)
	mail.Queue, mail.RunAt = "mail", noon.Add(time.Hour)
	enqueue(t, s, chore("a", 1), mail, chore("a", 3), chore("a", 4), chore("a", 5))
	running := claim(t, s, "l", 0, 3)
	finish(t, s, "l", running[0], task.Outcome{State: task.Done, At: noon})
	finish(t, s, "l", running[1], task.Outcome{State: task.Dead, At: noon})
	want := map[string]map[task.State]int64{
		task.DefaultQueue: {task.Pending: 1, task.Running: 1, task.Dead: 1},
		"mail":            {task.Pending: 1},
	}
	got, err := s.CountQueues(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// testCountFinished shows what ended at a minute, an hour and a day, and that the
// bound is taken to the microsecond.
func testCountFinished(t *testing.T, s *store.Store) {
	for i := range 5 {
		enqueue(t, s, chore("a", i))
	}
	ends := []time.Duration{0, 59 * time.Second, 61 * time.Second, time.Hour, 24 * time.Hour}
	for i, one := range claim(t, s, "l", 0, 5) {
		state := []task.State{task.Done, task.Dead, task.Canceled, task.Done, task.Done}[i]
		finish(t, s, "l", one, task.Outcome{State: state, At: noon.Add(ends[i])})
	}
	minute := noon.Truncate(time.Minute)
	day := noon.Truncate(24 * time.Hour)
	for step, want := range map[task.Step][]task.Rate{
		task.Minutely: {
			{Start: minute, Done: 1, Dead: 1}, {Start: minute.Add(time.Minute), Canceled: 1},
			{Start: minute.Add(time.Hour), Done: 1}, {Start: minute.Add(24 * time.Hour), Done: 1},
		},
		task.Hourly: {{Start: minute, Done: 1, Dead: 1, Canceled: 1}, {Start: minute.Add(time.Hour), Done: 1}, {Start: minute.Add(24 * time.Hour), Done: 1}},
		task.Daily:  {{Start: day, Done: 2, Dead: 1, Canceled: 1}, {Start: day.Add(24 * time.Hour), Done: 1}},
	} {
		got, err := s.CountFinished(t.Context(), noon, step)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", step, err, diff)
		}
	}
	if got, err := s.CountFinished(t.Context(), noon.Add(time.Hour+time.Microsecond), task.Daily); err != nil || len(got) != 1 || got[0].Done != 1 {
		t.Errorf("got %+v, %v, want the last alone", got, err)
	}
	if _, err := s.CountFinished(t.Context(), noon, "week"); err == nil {
		t.Error("a week was counted")
	}
}

func testReports(t *testing.T, s *store.Store) {
	for i, day := range []string{"2026-11-22", "2026-11-21", "2026-11-22"} {
		r := job.Report{Day: day, Total: int64(i), Trend: []job.DayCount{{Day: day, New: 2}}}
		if err := s.SaveReport(t.Context(), r, noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.ListReports(t.Context(), 0, 10)
	if err != nil || len(all) != 2 || all[0].Day != "2026-11-22" || all[0].Total != 2 || !all[0].At.Equal(noon.Add(2*time.Hour)) || len(all[0].Trend) != 1 {
		t.Errorf("got %+v, %v, want the last of each day", all, err)
	}
	if some, err := s.ListReports(t.Context(), 1, 1); err != nil || len(some) != 1 || some[0].Day != "2026-11-21" {
		t.Errorf("got %+v, %v, want the older", some, err)
	}
	n, err := s.CountReports(t.Context())
	found, failed := s.FindReport(t.Context(), "2026-11-21")
	if n != 2 || err != nil || failed != nil || found.Total != 1 {
		t.Errorf("got %d, %v, %+v, %v", n, err, found, failed)
	}
	if _, err := s.FindReport(t.Context(), "2026-11-20"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", fmt.Sprint(err))
	}
}

// testSearchTasks shows that a search finds what lists of tasks show, counts by
// each field as if it were not filtered, and examines the newest tasks alone.
func testSearchTasks(t *testing.T, s *store.Store) {
	mail, late := chore("b", 2), chore("a", 3)
	mail.Queue, mail.At = "mail", noon.Add(time.Hour)
	late.RunAt = noon.Add(time.Hour)
	enqueue(t, s, chore("a", 1), mail, late, chore("c", 4))
	finish(t, s, "l", claim(t, s, "l", 0, 1)[0], task.Outcome{State: task.Dead, At: noon, Error: "550 Broken"})
	for _, c := range []struct {
		f      task.Filter
		within int
		want   string
		states map[string]int64
		all    bool // tasks were examined
	}{
		{task.Filter{Words: []string{"broken"}}, 4, "1", map[string]int64{"dead": 1}, true},
		{task.Filter{Words: []string{"broken"}}, 3, "", map[string]int64{}, false},
		{task.Filter{Words: []string{"mail"}}, 3, "2", map[string]int64{"pending": 1}, false},
		{task.Filter{Words: []string{"a", "3"}}, 9, "3", map[string]int64{"pending": 1}, true},
		{task.Filter{Words: []string{"n"}}, 9, "4 3 2 1", map[string]int64{"pending": 3, "dead": 1}, true},
		{task.Filter{Words: []string{"n"}, State: task.Pending}, 9, "4 3 2", map[string]int64{"pending": 3, "dead": 1}, true},
		{task.Filter{Words: []string{"n"}, State: task.Pending, Kind: "b"}, 9, "2", map[string]int64{"pending": 1}, true},
		{task.Filter{Words: []string{"n"}, State: task.Dead, Kind: "b"}, 9, "", map[string]int64{"pending": 1}, true},
		{task.Filter{Words: []string{"n"}, From: noon.Add(time.Hour)}, 1, "2", map[string]int64{"pending": 1}, true},
		{task.Filter{Words: []string{"absent"}}, 9, "", map[string]int64{}, true},
	} {
		found, err := s.SearchTasks(t.Context(), c.f, c.within, 0, 10)
		if numbers(found.Tasks) != c.want || err != nil || int(found.Total) != len(found.Tasks) || !maps.Equal(found.Counts[task.ByState], c.states) ||
			found.Since.IsZero() != c.all {
			t.Errorf("%+v within %d: got %s, %+v, %v, want %+v", c.f, c.within, numbers(found.Tasks), found, err, c)
		}
	}
	words := task.Filter{Words: []string{"n"}}
	for want, at := range map[string]struct {
		offset int64
		limit  int
	}{"4 3": {0, 2}, "2 1": {2, 5}, "": {4, 1}} {
		if found, err := s.SearchTasks(t.Context(), words, 9, at.offset, at.limit); numbers(found.Tasks) != want || err != nil || found.Total != 4 {
			t.Errorf("from %d: got %s of %d, %v, want %s", at.offset, numbers(found.Tasks), found.Total, err, want)
		}
	}
}
