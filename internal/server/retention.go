package server

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/config"
	"roster/internal/retention"
	"roster/internal/store"
	"roster/internal/user"
)

// startRetention starts deleting what is no longer kept, and returns a function
// that ends it. trail is nil if the process does not maintain the audit trail.
func (r *runner) startRetention(trail *audit.Trail) (stop func() error) {
	rules := append(keepRules(r.services.Store, &r.Config), trashRule(r.services.Trash, config.Days(r.Config.TrashKeepDays)))
	if trail != nil && r.Config.AuditKeepDays > 0 {
		rules = append(rules, auditRule(trail, config.Days(r.Config.AuditKeepDays)))
	}
	keeper := retention.Start(r.logger("retention"), rules...)
	return func() error { keeper.Stop(); return nil }
}

// keepRules returns the rules of the settings, except those of the audit trail and the
// trash.
// docs/retention.md lists them all.
func keepRules(kept *store.Store, c *config.Config) []retention.Rule {
	rules := []retention.Rule{
		retention.Older("roster_tasks", c.TaskKeep(), kept.DropTasks),
		retention.Older("roster_task_slots", c.TaskKeep(), kept.DropSlots),
		retention.Older("roster_sessions", 0, kept.DropSessions),
		retention.Older("roster_counters", 0, kept.DropCounters),
		retention.Older("roster_idempotency_keys", user.KeyLife, kept.DropKeys),
	}
	for _, optional := range []struct {
		table string
		days  int
		drop  func(ctx context.Context, before time.Time, limit int) (int64, error)
	}{
		{"roster_tasks (dead)", c.DeadTaskKeepDays, kept.DropDeadTasks},
		{"roster_reports", c.ReportKeepDays, kept.DropReports},
		{"django_admin_log", c.AdminLogKeepDays, kept.DropAdminLog},
	} {
		if optional.days > 0 {
			rules = append(rules, retention.Older(optional.table, config.Days(optional.days), optional.drop))
		}
	}
	return rules
}

// trashRule deletes users for good that were in the trash long enough.
func trashRule(trash *user.Trash, keep time.Duration) retention.Rule {
	return retention.Older("roster_trash", keep, func(ctx context.Context, before time.Time, limit int) (int64, error) {
		return trash.Purge(ctx, access.System("retention"), before, limit)
	})
}

// auditRule deletes old audit entries, and records that at most once an hour.
func auditRule(trail *audit.Trail, keep time.Duration) retention.Rule {
	return retention.Rule{Table: "roster_audit_entries", Every: time.Hour, Drop: func(ctx context.Context, now time.Time, rest func() error) (int64, error) {
		return trail.Prune(ctx, now, now.Add(-keep), rest)
	}}
}
