package password

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // within HMAC, and never written: Django's pbkdf2_sha1
	"crypto/sha256"
	"strconv"
)

// maxIterations takes about a second; Django's default grows by 20 % each year.
const maxIterations = 4_000_000

// pbkdf2Scheme is Django's PBKDF2PasswordHasher or PBKDF2SHA1PasswordHasher.
type pbkdf2Scheme struct {
	algorithm  string
	iterations int
}

func parsePBKDF2(algorithm, rest string) (hash, error) {
	parts, err := split(rest, 3)
	if err != nil {
		return nil, err
	}
	s := pbkdf2Scheme{algorithm: algorithm}
	if s.iterations, err = number(parts[0], maxIterations); err != nil {
		return nil, err
	}
	sum, err := decodeSum(parts[2], s.size())
	if err != nil || parts[1] == "" {
		return nil, errMalformed
	}
	return derivedHash{s, parts[1], sum}, nil
}

func (s pbkdf2Scheme) size() int {
	if s.algorithm == string(PBKDF2SHA256) {
		return sha256.Size
	}
	return sha1.Size
}

func (s pbkdf2Scheme) derive(password, salt string) ([]byte, error) {
	if s.algorithm == string(PBKDF2SHA256) {
		return pbkdf2.Key(sha256.New, password, []byte(salt), s.iterations, s.size())
	}
	return pbkdf2.Key(sha1.New, password, []byte(salt), s.iterations, s.size())
}

func (pbkdf2Scheme) memory() int64 { return 0 }

func (s pbkdf2Scheme) encode(salt string, sum []byte) string {
	return s.algorithm + "$" + strconv.Itoa(s.iterations) + "$" + salt + "$" + encodeSum(sum)
}
