package password

import (
	"fmt"

	"golang.org/x/crypto/scrypt"
)

const scryptSize = 64 // bytes of the digest in Django 4.2

// scryptScheme is Django's ScryptPasswordHasher.
type scryptScheme struct {
	work, blockSize, lanes int // N, r and p of RFC 7914
}

func parseScrypt(rest string) (hash, error) {
	parts, err := split(rest, 5) // N, salt, r, p, sum
	if err != nil {
		return nil, err
	}
	var s scryptScheme
	if s.work, err = number(parts[0], maxMemory/128); err != nil {
		return nil, err
	}
	if s.blockSize, err = number(parts[2], 64); err != nil {
		return nil, err
	}
	if s.lanes, err = number(parts[3], 16); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	sum, err := decodeSum(parts[4], scryptSize)
	if err != nil || parts[1] == "" {
		return nil, errMalformed
	}
	return derivedHash{s, parts[1], sum}, nil
}

// check limits the time and memory of a verification.
func (s scryptScheme) check() error {
	if s.work < 2 || s.work&(s.work-1) != 0 {
		return errMalformed
	}
	if 128*s.work*s.blockSize*s.lanes > maxMemory {
		return fmt.Errorf("the password hash asks for more than %d MiB", maxMemory>>20)
	}
	return nil
}

func (s scryptScheme) derive(password, salt string) ([]byte, error) {
	return scrypt.Key([]byte(password), []byte(salt), s.work, s.blockSize, s.lanes, scryptSize)
}

func (s scryptScheme) memory() int64 { return 128 * int64(s.blockSize) * int64(s.work+s.lanes) }

func (s scryptScheme) encode(salt string, sum []byte) string {
	return fmt.Sprintf("scrypt$%d$%s$%d$%d$%s", s.work, salt, s.blockSize, s.lanes, encodeSum(sum))
}
