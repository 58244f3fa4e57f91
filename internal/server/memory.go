package server

import (
	"math"
	"os"
	"runtime/debug"

	"roster/internal/lifecycle"
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

// Shares of memory.
const (
	heapShare    = 5 // of 6 of the memory of the process: the rest is for SQLite and the system
	hashShare    = 6 // one in 6 of the heap's limit for password hashes
	machineShare = 8 // without a limit, one in 8 of the machine's memory for them
)

// LimitMemory makes the garbage collector keep the process within the limit of its
// control group, if it has one. GOMEMLIMIT in the environment overrides it. The Go
// runtime itself follows the processor limit.
func LimitMemory() {
	if bytes, limited := lifecycle.Memory(); limited && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes / (heapShare + 1) * heapShare)
	}
}

// hashMemory returns how many bytes all password hashes together may take, 0 if the
// memory of the machine is not known.
func hashMemory() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit / hashShare
	}
	bytes, _ := lifecycle.Memory()
	return bytes / machineShare
}
