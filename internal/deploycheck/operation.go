package deploycheck

import (
	"time"

	"roster/internal/finding"
	"roster/internal/phrase"
)

// backupAge is how old the last backup may be: one of each day, and a day's grace.
const backupAge = 48 * time.Hour

// operationRules are about what an operator has to look after.
var operationRules = []rule{
	{
		id: "tasks.dead", severity: finding.Warning, title: "Dead tasks wait for a person",
		reason: "They failed for good: a mail was not sent, a report not made.",
		remedy: "roster task list --state dead shows them with their errors; roster task retry ID runs one again.",
		wrong:  func(f Facts) bool { return f.Database.DeadTasks > 0 },
		about:  func(f Facts) string { return phrase.Count(f.Database.DeadTasks, "task") },
	},
	{
		id: "tasks.no-worker", severity: finding.Info, title: "No worker runs tasks now",
		reason: "Mails, reports and cleanups wait until one does.",
		remedy: "roster serve runs one unless it is told --no-worker; roster worker is one alone.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.Workers == 0 },
	},
	{
		id: "backup.none", severity: finding.Warning, title: "No backup was ever made",
		reason: "A disk that fails, or a person who is mistaken, takes all users with it.",
		remedy: "Set BACKUP_DIR to another disk and schedule the task backup: docs/backup.md has the steps. Backups by other programs are not seen here.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.LastBackup.IsZero() },
	},
	{
		id: "backup.old", severity: finding.Warning, title: "The last backup is older than two days",
		reason: "What was written since is in no backup.",
		remedy: "Look for the failed task backup with roster task list, and whether its schedule is enabled.",
		wrong: func(f Facts) bool {
			return !f.Database.LastBackup.IsZero() && f.Now.Sub(f.Database.LastBackup) > backupAge
		},
		about: func(f Facts) string { return "made at " + f.Database.LastBackup.UTC().Format(time.RFC3339) },
	},
	{
		id: "backup.clear", severity: finding.Warning, title: "Backups are not encrypted",
		reason: "Whoever gets one has all users and the hashes of staff passwords.",
		remedy: "Set BACKUP_KEY, and keep it elsewhere than the backups.",
		wrong:  func(f Facts) bool { return f.Config.BackupDir != "" && f.Config.BackupKey.IsEmpty() },
	},
	{
		id: "restart.abrupt", severity: finding.Info, title: "A server that is told to stop takes no more requests at once",
		reason: "A load balancer sends some to it until it has seen that it is not ready.",
		remedy: "Set SHUTDOWN_DELAY to a little more than the interval of its health checks.",
		wrong:  func(f Facts) bool { return len(f.Config.TrustedProxies) > 0 && f.Config.ShutdownDelay == 0 },
	},
}
