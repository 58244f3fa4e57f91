package password

import (
	"crypto/rand"
	"strings"

	"roster/internal/fault"
	"roster/internal/secret"
)

// Hasher hashes and verifies passwords without bounding how many at once: a
// server goes through a Limiter. It is safe for concurrent use.
type Hasher struct {
	target scheme
}

// NewHasher returns a Hasher that writes hashes of that algorithm, an Algorithm
// that ParseAlgorithm returned or a constant of this package.
func NewHasher(a Algorithm) *Hasher { return &Hasher{target: a.scheme()} }

// Hash returns the encoded hash of a password with a new random salt, at most
// 128 bytes, as Django's column auth_user.password holds it. It takes tens to
// hundreds of milliseconds of one CPU.
func (h *Hasher) Hash(password secret.Text) (string, error) {
	salt := rand.Text() // 26 letters and digits: Django asks for 22, and for no dollar sign
	sum, err := h.target.derive(password.Reveal(), salt)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "", err)
	}
	return h.target.encode(salt, sum), nil
}

// Verify reports whether password is the one that was hashed, comparing in
// constant time, and whether it should then be hashed anew because algorithm,
// parameters or the length of the salt are not those of new hashes. That is
// Django's rule: parameters that differ are replaced, also greater ones.
//
// No password matches an unusable hash ("!…"), nor the empty one, which stands
// for an unknown account: they take as long as a hash that Hash makes, so that
// time does not tell which names exist. A hash that cannot be read, or asks for
// unreasonable work, takes as long, too, and gives an error for the log. A hash
// of other parameters takes its own time, until it has been replaced.
func (h *Hasher) Verify(encoded string, password secret.Text) (ok, outdated bool, err error) {
	stored, err := parse(encoded)
	if stored == nil {
		_, _ = h.target.derive(password.Reveal(), strings.Repeat("0", minSaltLength))
		return false, false, err
	}
	ok, err = stored.matches(password.Reveal())
	return ok, ok && !stored.isAs(h.target), err
}
