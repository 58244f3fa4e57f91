package job_test

import (
	"encoding/json"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/task"
)

// Every kind says what it does, and takes the arguments of its example.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range job.Kinds(job.Services{}).All() {
		if _, err := k.New(time.Now(), "test", json.RawMessage(k.Example)); err != nil || k.Summary == "" {
			t.Errorf("%s: got %v, %q", k.Name, err, k.Summary)
		}
	}
}

// Null is no value of an argument, except where Celery's tasks default to None, and
// for lists.
func TestKinds_Null(t *testing.T) {
	t.Parallel()
	kinds := job.Kinds(job.Services{})
	for name, args := range map[string]string{
		"noop":                   `{"milliseconds": null}`,
		"send_welcome_email":     `{"user_id": null}`,
		"send_bulk_notification": `{"subject": "a", "message": "b", "per_minute": null}`,
	} {
		if _, err := find(t, kinds, name).New(time.Now(), "test", json.RawMessage(args)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s %s: got %v", name, args, err)
		}
	}
	bulk := find(t, kinds, "send_bulk_notification")
	_, err := bulk.New(time.Now(), "test", json.RawMessage(`{"subject": "a", "message": "b", "user_filter": {"search": null}}`))
	if err == nil || err.Error() != "The arguments of send_bulk_notification cannot be read: user_filter.search is null, want a string." {
		t.Errorf("got %v", err)
	}
	for name, args := range map[string]string{
		"cleanup_inactive_users": `{"days": null, "dry_run": null, "limit": null, "max_share": null}`,
		"generate_daily_report":  `{"recipients": null}`,
		"send_bulk_notification": `{"subject": "a", "message": "b", "user_filter": null}`,
		"noop":                   `null`,
	} {
		if _, err := find(t, kinds, name).New(time.Now(), "test", json.RawMessage(args)); err != nil {
			t.Errorf("%s %s: got %v", name, args, err)
		}
	}
}

func find(t *testing.T, kinds *task.Registry, name string) task.Kind {
	t.Helper()
	k, err := kinds.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
