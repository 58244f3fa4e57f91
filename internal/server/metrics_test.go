package server_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/server"
	"roster/internal/task"
)

// Schedules are shown by kind, whatever their number: the one that is latest and the
// one that ran first count.
func TestMetrics_SchedulesByKind(t *testing.T) {
	t.Parallel()
	at := time.Unix(1000, 0)
	var all []task.Punctuality
	for i := range 1000 {
		all = append(all, task.Punctuality{Kind: "backup", LastRun: at.Add(time.Duration(i) * time.Second), Late: time.Duration(i) * time.Second})
	}
	all = append(all, task.Punctuality{Kind: "noop"}, task.Punctuality{Kind: "noop", LastRun: at})
	want := map[string]float64{"[backup]": 1999, "[noop]": 0}
	if diff := cmp.Diff(want, server.ShowSchedules(all)); diff != "" {
		t.Error(diff)
	}
}

// Queues beyond the first twenty, and kinds that this program does not have, share a
// label; the tasks are all counted.
func TestMetrics_BacklogIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	backlog := []task.Backlog{{Queue: "q00", Kind: "made-up", State: task.Dead, Count: 2}, {Queue: "q00", Kind: "another", State: task.Dead, Count: 3}}
	for i := range 100 {
		backlog = append(backlog, task.Backlog{Queue: fmt.Sprintf("q%02d", i), Kind: "noop", State: task.Pending, Count: 1, Oldest: now.Add(-time.Duration(i) * time.Second)})
	}
	got := server.ShowBacklog(backlog, []string{"noop"}, now)
	for labels, want := range map[string]float64{"[q00 other dead]": 5, "[q19 noop pending]": 1, "[other noop pending]": 80, "[other]": 99, "[q19]": 19, "[" + task.DefaultQueue + "]": 0} {
		if value, shown := got[labels]; !shown || value != want {
			t.Errorf("%s: got %v, want %v", labels, value, want)
		}
	}
	if len(got) != 1+21+22 {
		t.Errorf("got %d series, want a bounded number", len(got))
	}
}
