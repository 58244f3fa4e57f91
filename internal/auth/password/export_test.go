package password

import (
	"context"
	"sync/atomic"
)

// Rewrite reads an encoded hash and writes it again: "" when there is none to verify.
func Rewrite(encoded string) (string, error) {
	h, err := parse(encoded)
	if h == nil || err != nil {
		return "", err
	}
	return h.String(), nil
}

// Do is what Hash and Verify do their work with.
func (l *Limiter) Do(ctx context.Context, client string, memory int64, work func() error) error {
	return l.do(ctx, client, memory, work)
}

// MemoryOf is about how many bytes Verify takes for a hash.
func MemoryOf(h *Hasher, encoded string) int64 { return h.memoryOf(encoded) }

// NewCountingHasher returns a Hasher that counts how often it derives a key.
func NewCountingHasher(derived *atomic.Int64) *Hasher {
	return &Hasher{target: countingScheme{scheme: Argon2.scheme(), derived: derived}}
}

type countingScheme struct {
	scheme

	derived *atomic.Int64
}

func (s countingScheme) derive(password, salt string) ([]byte, error) {
	s.derived.Add(1)
	return s.scheme.derive(password, salt)
}
