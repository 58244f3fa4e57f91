package store_test

import (
	"testing"

	"roster/internal/store/storetest"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.RunTasks(t, open)
		})
	}
}
