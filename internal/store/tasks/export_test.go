package tasks

import (
	"fmt"

	"roster/internal/task"
)

// Sorted is sorted.
const Sorted = sorted

// notIndexed is Options.ByID on SQLite.
const notIndexed = " NOT INDEXED"

// Statement returns what workers run again and again, by a name.
func Statement(name string) string {
	none := &Store{}
	claim, _ := claimable(task.Claim{Room: map[string]int{"a": 1, "b": 1}})
	kind, _ := none.filterTasks(task.Filter{Kind: "a"})
	state, _ := none.filterTasks(task.Filter{State: task.Done})
	queue, _ := none.filterTasks(task.Filter{Queue: "a"})
	readable, _ := parked([]task.Versions{{Kind: "a"}, {Kind: "b"}})
	return map[string]string{
		"kind": selectTasks + kind + newestTasks, "queue": selectTasks + queue + newestTasks, "newest": selectTasks + newestTasks,
		"counted": fmt.Sprintf(countFound, kind), "frequent": selectTasks + notIndexed + state + newestTasks, "queues": countQueues, "rates": countFinished,
		"claim": claim, "due": selectDueIDs, "lost": selectLost, "old": selectOldTasks, "parked": readable}[name]
}
