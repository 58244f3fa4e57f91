package job_test

import (
	"encoding/json"
	"testing"
	"time"

	"roster/internal/job"
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
