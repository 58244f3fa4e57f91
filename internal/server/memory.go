package server

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow to four times the live heap before a collection.
// The live heap is a few MiB, so this costs some MiB and saves a quarter of the
// CPU time of a small request. While large bodies are in memory, the heap may only
// grow to gcPressed more than the live heap. GOGC in the environment overrides both.
const (
	gcPercent = 300
	gcPressed = 50
)

// collectSooner sets how far the heap may grow before a collection.
func collectSooner(pressed bool) {
	switch {
	case os.Getenv("GOGC") != "":
	case pressed:
		debug.SetGCPercent(gcPressed)
	default:
		debug.SetGCPercent(gcPercent)
	}
}
