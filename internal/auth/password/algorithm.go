// Package password creates and verifies password hashes in the encoded form of
// Django 4.2, so that staff can log in to both systems: argon2, pbkdf2_sha256,
// pbkdf2_sha1, scrypt, bcrypt_sha256 and unusable passwords.
package password

import "fmt"

// Algorithm is the algorithm of new hashes, as in the setting PASSWORD_HASHER.
type Algorithm string

// The algorithms for new hashes.
const (
	Argon2       Algorithm = "argon2"        // argon2id of 19 MiB, two passes, one lane: OWASP's minimum parameters
	PBKDF2SHA256 Algorithm = "pbkdf2_sha256" // 600,000 iterations, Django 4.2's default
)

// Weak is argon2id with the smallest parameters that RFC 9106 permits. It is for
// tests alone, which hash thousands of passwords: ParseAlgorithm refuses it.
const Weak Algorithm = "weak"

// ParseAlgorithm returns the algorithm of that name.
func ParseAlgorithm(name string) (Algorithm, error) {
	switch a := Algorithm(name); a {
	case Argon2, PBKDF2SHA256:
		return a, nil
	}
	return "", fmt.Errorf("%q is not argon2 or pbkdf2_sha256", name)
}

// scheme returns the parameters of new hashes.
func (a Algorithm) scheme() scheme {
	switch a {
	case PBKDF2SHA256:
		return pbkdf2Scheme{algorithm: string(PBKDF2SHA256), iterations: 600_000}
	case Weak:
		return argon2Scheme{variety: argon2id, memoryKiB: blocksPerLane, passes: 1, lanes: 1, size: minArgon2Size}
	}
	return argon2Scheme{variety: argon2id, memoryKiB: 19_456, passes: 2, lanes: 1, size: 32}
}
