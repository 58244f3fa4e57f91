package store_test

import (
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/task"
)

// testBacklog: what waits, runs and is dead is counted by queue and kind; what is
// done is not.
func testBacklog(t *testing.T, s *store.Store) {
	if all, err := s.ListBacklog(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("without tasks: got %v, %v", all, err)
	}
	later, bulk := chore("a", 4), chore("b", 5)
	later.RunAt = noon.Add(time.Hour)
	bulk.Queue, bulk.RunAt = "bulk", noon.Add(-time.Minute)
	enqueue(t, s, chore("a", 0), chore("a", 1), chore("a", 2), chore("a", 3), later, bulk)
	claimed := claimAs(t, s, task.Claim{
		Lease: "x", Now: noon, Until: noon.Add(task.Lease), Limit: 3, Queues: []string{task.DefaultQueue}, Room: map[string]int{"a": 3},
	})
	finish(t, s, "x", claimed[0], task.Outcome{State: task.Done, At: noon})
	finish(t, s, "x", claimed[1], task.Outcome{State: task.Dead, Error: "no", At: noon})
	all, err := s.ListBacklog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]task.Backlog{}
	for _, b := range all {
		got[string(b.State)+" "+b.Queue+" "+b.Kind] = b
	}
	for key, oldest := range map[string]time.Time{
		"pending default a": noon, "running default a": noon, "dead default a": noon, "delayed default a": later.RunAt, "pending bulk b": bulk.RunAt,
	} {
		if b := got[key]; b.Count != 1 || !b.Oldest.Equal(oldest) {
			t.Errorf("%s: got %+v, want one of %v", key, b, oldest)
		}
	}
	if len(got) != 5 {
		t.Errorf("got %v, want five", got)
	}
}
