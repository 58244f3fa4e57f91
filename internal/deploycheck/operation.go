package deploycheck

import (
	"strings"
	"time"

	"roster/internal/finding"
	"roster/internal/phrase"
)

// backupAge is the maximum age of the last backup: a day, plus a day's grace.
const backupAge = 48 * time.Hour

// operationRules check what operators must attend to.
var operationRules = []rule{
	{
		id: "tasks.dead", severity: finding.Warning, title: "There are dead tasks",
		reason: "They failed permanently: for example, a mail was not sent.",
		remedy: "Run roster task list --state dead to see their errors, and roster task retry ID to retry one.",
		wrong:  func(f Facts) bool { return f.Database.DeadTasks > 0 },
		about:  func(f Facts) string { return phrase.Count(f.Database.DeadTasks, "task") },
	},
	{
		id: "tasks.no-worker", severity: finding.Info, title: "No worker is running",
		reason: "Mails, reports and cleanups wait until a worker starts.",
		remedy: "Run roster serve without --no-worker, or roster worker.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.Workers == 0 },
	},
	{
		id: "backup.none", severity: finding.Warning, title: "There is no backup",
		reason: "A disk failure or human error would lose all users.",
		remedy: "Set BACKUP_DIR to another disk and schedule the task backup: see docs/backup.md. Backups by other programs are not detected.",
		wrong:  func(f Facts) bool { return f.Database.Reached && f.Database.LastBackup.IsZero() },
	},
	{
		id: "backup.old", severity: finding.Warning, title: "The last backup is older than two days",
		reason: "Later changes are in no backup.",
		remedy: "Check for a failed task backup with roster task list, and that its schedule is enabled.",
		wrong: func(f Facts) bool {
			return !f.Database.LastBackup.IsZero() && f.Now.Sub(f.Database.LastBackup) > backupAge
		},
		about: func(f Facts) string { return "made at " + f.Database.LastBackup.UTC().Format(time.RFC3339) },
	},
	{
		id: "backup.clear", severity: finding.Warning, title: "Backups are not encrypted",
		reason: "Anyone who obtains one can read all users and the hashes of staff passwords.",
		remedy: "Set BACKUP_KEY, and store it apart from the backups.",
		wrong:  func(f Facts) bool { return f.Config.BackupDir != "" && f.Config.BackupKey.IsEmpty() },
	},
	{
		id: "retention.forever", severity: finding.Info, title: "Some tables only grow",
		reason: "Their rows are kept forever. That can be what you want, for example of the audit trail, but the disk has to be large enough.",
		remedy: "Set a number of days where you do not need the history: see docs/retention.md.",
		wrong:  func(f Facts) bool { return len(keptForever(f)) > 0 },
		about: func(f Facts) string {
			return strings.Join(keptForever(f), ", ")
		},
	},
	{
		id: "restart.abrupt", severity: finding.Info, title: "A stopping server rejects new requests immediately",
		reason: "A load balancer sends requests until it notices that the server is not ready.",
		remedy: "Set SHUTDOWN_DELAY slightly longer than the interval of its health checks.",
		wrong:  func(f Facts) bool { return len(f.Config.TrustedProxies) > 0 && f.Config.ShutdownDelay == 0 },
	},
}

// keptForever returns the tables whose rows are kept forever, with their
// settings.
func keptForever(f Facts) (tables []string) {
	for _, kept := range []struct {
		setting, table string
		days           int
	}{
		{"AUDIT_KEEP_DAYS", "roster_audit_entries", f.Config.AuditKeepDays},
		{"ADMIN_LOG_KEEP_DAYS", "django_admin_log", f.Config.AdminLogKeepDays},
		{"REPORT_KEEP_DAYS", "roster_reports", f.Config.ReportKeepDays},
		{"DEAD_TASK_KEEP_DAYS", "dead tasks in roster_tasks", f.Config.DeadTaskKeepDays},
	} {
		if kept.days == 0 {
			tables = append(tables, kept.table+" ("+kept.setting+"=0)")
		}
	}
	return tables
}
