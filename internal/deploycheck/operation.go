package deploycheck

import (
	"fmt"

	"roster/internal/finding"
)

// operationRules are about what an operator has to look after.
var operationRules = []rule{
	{
		id: "tasks.dead", severity: finding.Warning, title: "Dead tasks wait for a person",
		reason: "They failed for good: a mail was not sent, a report not made.",
		remedy: "roster task list shows them with their errors; roster task retry ID runs one again.",
		wrong:  func(f Facts) bool { return f.Database.DeadTasks > 0 },
		about:  func(f Facts) string { return fmt.Sprintf("%d tasks", f.Database.DeadTasks) },
	},
	{
		id: "tasks.no-worker", severity: finding.Info, title: "No worker runs tasks now",
		reason: "Mails, reports and cleanups wait until one does.",
		remedy: "roster serve runs one unless it is told --no-worker; roster worker is one alone.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.Workers == 0 },
	},
}
