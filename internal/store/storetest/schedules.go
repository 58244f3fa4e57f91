package storetest

import (
	"context"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"roster/internal/store"
	"roster/internal/task/periodic"
)

// keepSchedules writes the schedules that a test has left in a database to a file
// of the folder TEST_SCHEDULES, one in JSON per line: those in the form that
// Roster stores, and not what the test itself has spoiled. The drill with Celery
// collects them.
func keepSchedules(tb testing.TB, s *store.Store) {
	tb.Helper()
	folder := os.Getenv("TEST_SCHEDULES")
	if folder == "" {
		return
	}
	rows, err := s.ListPeriodic(context.Background(), periodic.Filter{}, 0, 1000)
	if err != nil {
		return // the test has closed it
	}
	file, err := os.CreateTemp(folder, "*.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	lines := json.NewEncoder(file)
	for i := range rows {
		if stored, err := rows[i].Stored(); err != nil || !reflect.DeepEqual(stored, rows[i]) {
			continue
		}
		if err := lines.Encode(rows[i]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
}
