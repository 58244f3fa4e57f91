package totp

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"roster/internal/secret"
)

const (
	recoveryCodes = 10
	codeSize      = 10 // bytes: 80 bits, too many to try against a stolen digest
	groupLength   = 4
)

// NewRecoveryCodes returns ten single-use codes for a lost app, and their
// digests. Show the codes once, and store the digests in place of earlier ones.
func NewRecoveryCodes() (codes []secret.Text, digests []string) {
	for range recoveryCodes {
		bits := make([]byte, codeSize)
		_, _ = rand.Read(bits) // never fails: the documentation of crypto/rand says so
		code := strings.ToLower(encoding().EncodeToString(bits))
		codes = append(codes, secret.New(group(code)))
		digests = append(digests, digest(code))
	}
	return codes, digests
}

// Redeem looks a code up among the remaining digests, and returns the digests
// without it. Case, blanks and hyphens are ignored.
//
// The caller must store the rest before it grants access, in an atomic step
// that fails if the stored digests have changed; otherwise two concurrent
// logins can use one code.
func Redeem(code string, digests []string) (left []string, ok bool) {
	got := digest(strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(code)))
	for _, d := range digests {
		if subtle.ConstantTimeCompare([]byte(d), []byte(got)) == 1 {
			ok = true
			continue
		}
		left = append(left, d)
	}
	return left, ok
}

// group inserts a hyphen after every four characters.
func group(code string) string {
	var groups []string
	for len(code) > 0 {
		groups, code = append(groups, code[:groupLength]), code[groupLength:]
	}
	return strings.Join(groups, "-")
}

func digest(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
