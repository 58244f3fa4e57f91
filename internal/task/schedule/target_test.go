package schedule_test

import (
	"encoding/json"
	"testing"

	"roster/internal/task/schedule"
)

func TestFind(t *testing.T) {
	t.Parallel()
	for task, want := range map[string]string{
		"users.tasks.send_welcome_email_task":   "send_welcome_email",
		"users.tasks.cleanup_inactive_users":    "cleanup_inactive_users",
		"users.tasks.generate_daily_report":     "generate_daily_report",
		"users.tasks.send_bulk_notification":    "send_bulk_notification",
		"users.tasks.scheduled_backup_reminder": "backup_reminder",
	} {
		if got, ok := schedule.Find(task); !ok || got.Kind != want || got.Ignored != "" {
			t.Errorf("%s: got %+v, %t, want %s", task, got, ok, want)
		}
	}
	if got, ok := schedule.Find("celery.backend_cleanup"); !ok || got.Kind != "" || got.Ignored == "" {
		t.Errorf("got %+v, %t, want a reason to ignore it", got, ok)
	}
	for _, task := range []string{"other.app.task", "cleanup_inactive_users", ""} {
		if got, ok := schedule.Find(task); ok {
			t.Errorf("%q: got %+v", task, got)
		}
	}
}

func TestTarget_Arguments(t *testing.T) {
	t.Parallel()
	bulk, _ := schedule.Find("users.tasks.send_bulk_notification")
	for _, tt := range []struct{ args, kwargs, want string }{
		{"[]", "{}", `{}`},
		{"", "", `{}`},
		{`["Happy new year", "Hello"]`, `{"user_filter": {"is_active": true}}`, `{"message":"Hello","subject":"Happy new year","user_filter":{"is_active":true}}`},
		{`[1, null]`, "", `{"message":null,"subject":1}`},
		{"", `{"unknown": 1}`, `{"unknown":1}`},
	} {
		named, err := bulk.Arguments(tt.args, tt.kwargs)
		if err != nil {
			t.Errorf("%s %s: %v", tt.args, tt.kwargs, err)
			continue
		}
		if got, _ := json.Marshal(named); string(got) != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.args, tt.kwargs, got, tt.want)
		}
	}
}

func TestTarget_ArgumentsRefused(t *testing.T) {
	t.Parallel()
	cleanup, _ := schedule.Find("users.tasks.cleanup_inactive_users")
	for _, tt := range []struct{ args, kwargs, field, want string }{
		{"{}", "", "args", `The args "{}" are not a JSON array.`},
		{"null", "", "args", `The args "null" are not a JSON array.`},
		{"[", "", "args", `The args "[" are not a JSON array.`},
		{"[1, 2]", "", "args", "The args contain 2 values; cleanup_inactive_users takes 1."},
		{"", "[]", "kwargs", `The kwargs "[]" are not a JSON object.`},
		{"[1]", "null", "kwargs", `The kwargs "null" are not a JSON object.`},
		{"[30]", `{"days": 90}`, "kwargs", "The kwargs contain days, which the args also set."},
	} {
		_, err := cleanup.Arguments(tt.args, tt.kwargs)
		checkRefused(t, err, tt.field, tt.want)
	}
}
