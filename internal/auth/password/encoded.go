package password

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxEncoded    = 255     // bytes; Django's column holds 128
	maxMemory     = 1 << 30 // bytes; maximum memory for a hash from the database
	minSaltLength = 22      // characters; Django requires 128 bits, from 62 letters and digits
	unusable      = "!"     // Django's prefix for accounts without a usable password
)

var errMalformed = errors.New("malformed password hash")

// scheme is an algorithm with its parameters. Schemes are comparable: equal
// schemes create the same hash from the same password and salt.
type scheme interface {
	derive(password, salt string) ([]byte, error)
	encode(salt string, sum []byte) string
	memory() int64 // bytes that derive takes, about
}

// hash is the stored hash of a password.
type hash interface {
	matches(password string) (bool, error)
	// isAs reports whether a new hash with the target scheme would be
	// equivalent.
	isAs(target scheme) bool
	memory() int64 // bytes that matches takes, about
	String() string
}

// derivedHash is a hash of an algorithm that derives a key from a password and a salt.
type derivedHash struct {
	scheme scheme
	salt   string
	sum    []byte
}

func (h derivedHash) matches(password string) (bool, error) {
	sum, err := h.scheme.derive(password, h.salt)
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1, err
}

func (h derivedHash) isAs(target scheme) bool {
	return h.scheme == target && len(h.salt) >= minSaltLength
}

func (h derivedHash) memory() int64 { return h.scheme.memory() }

func (h derivedHash) String() string { return h.scheme.encode(h.salt, h.sum) }

// parse parses an encoded hash; nil means an unusable password. It accepts only
// what Django itself writes, so a hash formats as the text it was parsed from.
// The error reveals nothing of the hash except its algorithm.
func parse(encoded string) (hash, error) {
	if encoded == "" || strings.HasPrefix(encoded, unusable) {
		return nil, nil
	}
	algorithm, rest, _ := strings.Cut(encoded, "$")
	read, ok := parsers[algorithm]
	if !ok {
		return nil, errors.New("password hash of an unknown algorithm")
	}
	if len(encoded) > maxEncoded {
		return nil, fmt.Errorf("%s: %w", algorithm, errMalformed)
	}
	h, err := read(rest)
	if err == nil && h.String() != encoded {
		err = errMalformed
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", algorithm, err)
	}
	return h, nil
}

// parsers parse what follows the name of an algorithm.
var parsers = map[string]func(rest string) (hash, error){
	"argon2":        parseArgon2,
	"pbkdf2_sha256": func(rest string) (hash, error) { return parsePBKDF2("pbkdf2_sha256", rest) },
	"pbkdf2_sha1":   func(rest string) (hash, error) { return parsePBKDF2("pbkdf2_sha1", rest) },
	"scrypt":        parseScrypt,
	"bcrypt_sha256": parseBcrypt,
}

// split returns the n parts of a text between dollar signs.
func split(text string, n int) ([]string, error) {
	parts := strings.Split(text, "$")
	if len(parts) != n {
		return nil, errMalformed
	}
	return parts, nil
}

// number parses a parameter from 1 to most.
func number(text string, most uint64) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, errMalformed
	}
	if n < 1 || n > most {
		return 0, fmt.Errorf("a parameter of the password hash is %d, not from 1 to %d", n, most)
	}
	return int(n), nil
}

// decodeSum decodes base64 of exactly size bytes.
func decodeSum(text string, size int) ([]byte, error) {
	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(sum) != size {
		return nil, errMalformed
	}
	return sum, nil
}

func encodeSum(sum []byte) string { return base64.StdEncoding.EncodeToString(sum) }
