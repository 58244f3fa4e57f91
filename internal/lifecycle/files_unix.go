//go:build unix

package lifecycle

import "syscall"

// OpenFiles returns how many files the process may have open at once, 0 if unknown.
func OpenFiles() int {
	const most = 1 << 30
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(uint64(limit.Cur), most)) //nolint:unconvert // below most; signed on some systems
}
