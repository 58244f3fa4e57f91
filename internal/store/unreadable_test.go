package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// TestUnreadable_OtherRows stores times that are none in the other tables: each
// list shows the row beside the others, and logs it once.
func TestUnreadable_OtherRows(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, err := store.Open(t.Context(), store.Options{
		Path: filepath.Join(t.TempDir(), "db.sqlite3"), Readers: 1, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, migrated(t, s))
	for _, statement := range []string{
		"INSERT INTO auth_user (username, password, email, first_name, last_name, is_active, is_staff, is_superuser, date_joined)" +
			" VALUES ('ann', '', '', '', '', 1, 1, 1, '2026-11-23 10:00:00'), ('bob', '', '', '', '', 1, 2, 1, 'long ago')",
		"INSERT INTO django_celery_beat_intervalschedule (id, every, period) VALUES (1, 1, 'days')",
		"INSERT INTO django_celery_beat_periodictask (name, task, args, kwargs, enabled, one_off, total_run_count, date_changed, description," +
			" interval_id, headers, start_time) VALUES ('a', 'noop', '[]', '{}', 1, 0, 0, '2026-11-23 10:00:00', '', 1, '{}', NULL)," +
			" ('b', 'noop', '[]', '{}', 1, 0, 0, '2026-11-23 10:00:00', '', 1, '{}', 'soon')",
		"INSERT INTO roster_tasks (kind, version, queue, priority, args, actor, created_at, run_at, state, worker, runs, attempts, crashes," +
			" cancel_asked, done, total, error, stack) VALUES ('noop', 1, '', 0, '{}', '', 'then', '2026-11-23 10:00:00', 'pending', '', 0, 0, 0, 0, 0, 0, '', '')",
		"INSERT INTO roster_audit_entries (created_at, actor_id, actor, action, object_type, object_id, object_name, changes, address," +
			" request_id, reason) VALUES ('', 0, '', 'create', 'user', 1, 'ann', '[]', '', '', '')",
		"INSERT INTO roster_reports (day, created_at, content) VALUES ('2026-11-23', '', '{}')",
	} {
		execute(t, s, statement)
	}
	for range 2 {
		wantAllRows(t, s)
	}
	for _, table := range []string{"auth_user", "django_celery_beat_periodictask", "roster_tasks", "roster_audit_entries", "roster_reports"} {
		if n := strings.Count(log.String(), "table="+table); n != 1 {
			t.Errorf("%s was logged %d times, want once: %s", table, n, log.String())
		}
	}
}

func wantAllRows(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	accounts, err := s.ListAccounts(ctx, auth.AccountQuery{}, 0, 9)
	if err != nil || len(accounts) != 2 || accounts[1].IsStaff || !accounts[1].IsSuperuser || !accounts[1].DateJoined.IsZero() {
		t.Errorf("accounts: got %+v, %v", accounts, err)
	}
	if _, _, err := s.FindAccount(ctx, 2); err != nil {
		t.Errorf("account: %v", err)
	}
	schedules, err := s.ListPeriodic(ctx, periodic.Filter{}, 0, 9)
	if err != nil || len(schedules) != 2 {
		t.Fatalf("schedules: got %+v, %v", schedules, err)
	}
	if _, err := schedules[0].Read(); err != nil {
		t.Errorf("the schedule beside it does not run: %v", err)
	}
	if _, err := schedules[1].Read(); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v, want the schedule not to run", err)
	}
	if enabled, err := s.ListSchedules(ctx); err != nil || len(enabled) != 2 {
		t.Errorf("schedules of the beat: got %+v, %v", enabled, err)
	}
	if tasks, err := s.ListTasks(ctx, task.Filter{}, 0, 9); err != nil || len(tasks) != 1 {
		t.Errorf("tasks: got %+v, %v", tasks, err)
	}
	if entries, err := s.FilterAudit(ctx, audit.Filter{}, 0, 9); err != nil || len(entries) != 1 {
		t.Errorf("audit: got %+v, %v", entries, err)
	}
	if reports, err := s.ListReports(ctx, 0, 9); err != nil || len(reports) != 1 || reports[0].Day != "2026-11-23" {
		t.Errorf("reports: got %+v, %v", reports, err)
	}
}

// TestUnreadable_Claim has a worker claim a task that cannot be read, and those
// behind it.
func TestUnreadable_Claim(t *testing.T) {
	t.Parallel()
	s := openSQLite(t)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		for range 2 {
			if _, err := tx.Enqueue(task.New{Kind: "noop", Version: 1, Args: []byte("{}"), At: now, RunAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, s, "UPDATE roster_tasks SET created_at = 'then' WHERE id = 1")
	claim := task.Claim{Lease: "l", Worker: "w", Now: now, Until: now.Add(time.Minute), Room: map[string]int{"noop": 2}, Limit: 2}
	if got, err := s.ClaimTasks(context.WithoutCancel(t.Context()), claim); err != nil || len(got) != 2 {
		t.Errorf("got %+v, %v, want both", got, err)
	}
}
