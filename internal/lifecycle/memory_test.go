package lifecycle_test

import (
	"testing"

	"roster/internal/lifecycle"
)

// The machine of the test has memory, whether or not a control group limits it.
func TestMemory(t *testing.T) {
	t.Parallel()
	if bytes, _ := lifecycle.Memory(); bytes < 64<<20 || bytes > 1<<50 {
		t.Errorf("got %d bytes", bytes)
	}
}
