//go:build !unix

package lifecycle

// OpenFiles returns how many files the process may have open at once, 0 if unknown.
func OpenFiles() int { return 0 }
