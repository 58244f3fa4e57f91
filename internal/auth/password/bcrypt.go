package password

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptLength   = 60 // characters: "$2b$", two of the cost, "$", 22 of the salt, 31 of the sum
	maxBcryptCost  = 15 // each step doubles the time; Django uses 12
	bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// bcryptHash is a hash of Django's BCryptSHA256PasswordHasher, in the form of
// crypt(3). It is only verified, never created.
type bcryptHash string

func parseBcrypt(rest string) (hash, error) {
	if len(rest) != bcryptLength || !strings.HasPrefix(rest, "$2b$") || rest[6] != '$' || strings.Trim(rest[7:], bcryptAlphabet) != "" {
		return nil, errMalformed
	}
	cost, err := number(strings.TrimPrefix(rest[4:6], "0"), maxBcryptCost)
	if err != nil || cost < bcrypt.MinCost {
		return nil, errors.Join(errMalformed, err)
	}
	return bcryptHash(rest), nil
}

// matches hashes the password with SHA-256 first, as Django does, because
// bcrypt uses only 72 bytes.
func (h bcryptHash) matches(password string) (bool, error) {
	sum := sha256.Sum256([]byte(password))
	err := bcrypt.CompareHashAndPassword([]byte(h), []byte(hex.EncodeToString(sum[:])))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	return err == nil, err
}

func (h bcryptHash) isAs(scheme) bool { return false }

func (bcryptHash) memory() int64 { return 0 }

func (h bcryptHash) String() string { return "bcrypt_sha256$" + string(h) }
