package tasks

import "roster/internal/task"

// Statement returns what workers run again and again, by a name.
func Statement(name string) string {
	claim, _ := claimable(task.Claim{Room: map[string]int{"a": 1, "b": 1}})
	return map[string]string{"claim": claim, "due": selectDueIDs, "lost": selectLost, "old": selectOldTasks}[name]
}
