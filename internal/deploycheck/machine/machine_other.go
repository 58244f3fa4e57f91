//go:build !linux

package machine

// openFiles is not supported here.
func openFiles() uint64 { return 0 }

// diskOf is not supported here.
func diskOf(string) (network string, size, free int64) { return "", 0, 0 }
