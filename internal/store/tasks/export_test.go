package tasks

import "roster/internal/task"

// Statement returns what workers run again and again, by a name.
func Statement(name string) string {
	claim, _ := claimable(task.Claim{Room: map[string]int{"a": 1, "b": 1}})
	kind, _ := filterTasks(task.Filter{Kind: "a"})
	queue, _ := filterTasks(task.Filter{Queue: "a"})
	return map[string]string{
		"kind": selectTasks + kind + newestTasks, "queue": selectTasks + queue + newestTasks, "newest": selectTasks + newestTasks,
		"counted": countFound + kind, "queues": countQueues, "rates": countFinished,
		"claim": claim, "due": selectDueIDs, "lost": selectLost, "old": selectOldTasks}[name]
}
