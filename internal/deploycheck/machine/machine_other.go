//go:build !linux

package machine

// openFiles is not known here.
func openFiles() uint64 { return 0 }

// diskOf knows nothing here.
func diskOf(string) (network string, size, free int64) { return "", 0, 0 }
