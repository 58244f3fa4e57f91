package job_test

import (
	"slices"
	"testing"
	"time"

	"roster/internal/job"
	"roster/internal/task"
)

// TestExamples shows that every kind takes its example.
func TestExamples(t *testing.T) {
	t.Parallel()
	kinds := task.NewRegistry(
		job.Noop(), job.WelcomeEmail(nil, nil), job.CleanupInactiveUsers(nil, time.Now), job.DailyReport(nil, nil, nil, time.UTC, time.Now),
		job.BulkNotification(nil, nil, nil, time.Now), job.Backup(nil), job.BackupReminder(nil, nil, time.Now),
	)
	var names []string
	for _, e := range job.Examples() {
		names = append(names, e.Kind)
		k, err := kinds.Find(e.Kind)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.New(time.Now(), "test", e.Args); err != nil || e.Does == "" {
			t.Errorf("%s: got %v, %q", e.Kind, err, e.Does)
		}
	}
	if !slices.Equal(names, kinds.Names()) {
		t.Errorf("got examples of %v, want of %v", names, kinds.Names())
	}
}
