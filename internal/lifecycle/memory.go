package lifecycle

import (
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Memory returns the memory in bytes that the process may use: the limit of its
// control group (version 1 or 2, the least of all levels), else the memory of the
// machine, else 0. limited reports whether a control group limits it.
func Memory() (bytes int64, limited bool) {
	if limit, err := memlimit.FromCgroup(); err == nil && limit > 0 && limit < math.MaxInt64 {
		return int64(limit), true
	}
	if total, err := memlimit.FromSystem(); err == nil && total < math.MaxInt64 {
		return int64(total), false
	}
	return 0, false
}
