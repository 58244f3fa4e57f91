package server

import (
	"context"
	"time"

	"roster/internal/audit"
	"roster/internal/retention"
	"roster/internal/user"
)

// startRetention starts deleting what is no longer kept, and returns a function
// that ends it. trail is nil if the process does not maintain the audit trail.
func (r *runner) startRetention(trail *audit.Trail) (stop func() error) {
	kept, c := r.services.Store, &r.Config
	rules := []retention.Rule{
		retention.Older("roster_tasks", c.TaskKeep(), kept.DropTasks),
		retention.Older("roster_task_slots", c.TaskKeep(), kept.DropSlots),
		retention.Older("roster_sessions", 0, kept.DropSessions),
		retention.Older("roster_counters", 0, kept.DropCounters),
		retention.Older("roster_idempotency_keys", user.KeyLife, kept.DropKeys),
	}
	if trail != nil && c.AuditKeepDays > 0 {
		rules = append(rules, auditRule(trail, c.AuditKeep()))
	}
	keeper := retention.Start(r.logger("retention"), rules...)
	return func() error { keeper.Stop(); return nil }
}

// auditRule deletes old audit entries, and records that at most once an hour.
func auditRule(trail *audit.Trail, keep time.Duration) retention.Rule {
	return retention.Rule{Table: "roster_audit_entries", Every: time.Hour, Drop: func(ctx context.Context, now time.Time, rest func() error) (int64, error) {
		return trail.Prune(ctx, now, now.Add(-keep), rest)
	}}
}
