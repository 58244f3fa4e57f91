package auth

import (
	"context"
	"hash/fnv"
	"strconv"
)

// NewSteadyCounters returns MemoryCounters that spread keys alike in each run:
// with a secret hash, one run in some thousand would have two keys meet.
func NewSteadyCounters() *MemoryCounters {
	c := NewMemoryCounters()
	c.hash = func(key string) uint64 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(key))
		return h.Sum64()
	}
	return c
}

// KeptPasswords returns how many passwords are kept after so many clients.
func KeptPasswords(clients int) int {
	b := NewBasicAuth(nil)
	for i := range clients {
		b.keep(strconv.Itoa(i), keptPassword{})
	}
	return len(b.kept)
}

// Uses returns what an attempt counts.
func (t *LoginThrottle) Uses(a Attempt) []Use { return t.uses(a) }

// ResealSigningKeys encrypts keys as upkeep does.
func ResealSigningKeys(ctx context.Context, j *JWTs) bool { return j.reseal(ctx) }
