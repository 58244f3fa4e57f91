package password

import (
	"crypto/rand"
	"strings"

	"roster/internal/fault"
	"roster/internal/secret"
)

// Hasher hashes and verifies passwords without limiting concurrency: servers
// use a Limiter. It is safe for concurrent use.
type Hasher struct {
	target scheme
}

// NewHasher returns a Hasher that creates hashes with the algorithm, which must
// be a constant of this package or a result of ParseAlgorithm.
func NewHasher(a Algorithm) *Hasher { return &Hasher{target: a.scheme()} }

// Hash returns the encoded hash of a password with a random salt, at most 128
// bytes, which fit in Django's column auth_user.password. It takes tens to
// hundreds of milliseconds of one CPU.
func (h *Hasher) Hash(password secret.Text) (string, error) {
	salt := rand.Text() // 26 letters and digits: Django requires 22, without a dollar sign
	sum, err := h.target.derive(password.Reveal(), salt)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "", err)
	}
	return h.target.encode(salt, sum), nil
}

// memoryOf returns about how many bytes Verify takes for a hash.
func (h *Hasher) memoryOf(encoded string) int64 {
	if stored, _ := parse(encoded); stored != nil {
		return stored.memory()
	}
	return h.target.memory()
}

// Verify reports whether password matches the hash, comparing in constant time,
// and whether the hash should be replaced because its algorithm, parameters or
// salt length differ from those of new hashes. This is Django's rule: even
// stronger parameters are replaced.
//
// No password matches an unusable hash ("!…") or the empty string, which stands
// for an unknown account. Both take as long as a hash created by Hash, so that
// timing does not reveal which names exist. A hash that is malformed or needs
// unreasonable work also takes that long, and returns an error for the log.
// Hashes with other parameters take their own time until they are replaced.
func (h *Hasher) Verify(encoded string, password secret.Text) (ok, outdated bool, err error) {
	stored, err := parse(encoded)
	if stored == nil {
		_, _ = h.target.derive(password.Reveal(), strings.Repeat("0", minSaltLength))
		return false, false, err
	}
	ok, err = stored.matches(password.Reveal())
	return ok, ok && !stored.isAs(h.target), err
}
