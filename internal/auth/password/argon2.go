package password

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	argon2id = "argon2id"
	argon2i  = "argon2i" // written by Django before 3.2

	maxPasses     = 16
	maxLanes      = 64
	minArgon2Size = 16 // bytes; a shorter digest could match by chance
	maxArgon2Size = 64
	blocksPerLane = 8 // RFC 9106: minimum KiB per lane
	minArgon2Salt = 8 // bytes; RFC 9106
)

// argon2Scheme is Django's Argon2PasswordHasher, version 19 of Argon2.
type argon2Scheme struct {
	variety   string
	memoryKiB int
	passes    int
	lanes     int
	size      int // bytes of the digest
}

// parseArgon2 parses the encoding of the Argon2 reference implementation, which
// Django stores after its own algorithm name.
func parseArgon2(rest string) (hash, error) {
	parts, err := split(rest, 5) // variety, version, parameters, salt, sum
	if err != nil || parts[1] != "v=19" || parts[0] != argon2id && parts[0] != argon2i {
		return nil, errMalformed
	}
	s, err := parseArgon2Parameters(parts[2])
	if err != nil {
		return nil, err
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[3])
	sum, sumErr := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if saltErr != nil || sumErr != nil || len(salt) < minArgon2Salt || len(sum) < minArgon2Size || len(sum) > maxArgon2Size {
		return nil, errMalformed
	}
	s.variety, s.size = parts[0], len(sum)
	return derivedHash{s, string(salt), sum}, nil
}

func parseArgon2Parameters(text string) (s argon2Scheme, err error) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return s, errMalformed
	}
	for i, p := range []struct {
		name  string
		most  uint64
		value *int
	}{{"m=", maxMemory >> 10, &s.memoryKiB}, {"t=", maxPasses, &s.passes}, {"p=", maxLanes, &s.lanes}} {
		digits, ok := strings.CutPrefix(parts[i], p.name)
		if !ok {
			return s, errMalformed
		}
		if *p.value, err = number(digits, p.most); err != nil {
			return s, err
		}
	}
	if s.memoryKiB < blocksPerLane*s.lanes {
		return s, errMalformed
	}
	return s, nil
}

//nolint:gosec // the conversions: parseArgon2Parameters bounds every parameter
func (s argon2Scheme) derive(password, salt string) ([]byte, error) {
	key := argon2.IDKey
	if s.variety == argon2i {
		key = argon2.Key
	}
	return key([]byte(password), []byte(salt), uint32(s.passes), uint32(s.memoryKiB), uint8(s.lanes), uint32(s.size)), nil
}

func (s argon2Scheme) encode(salt string, sum []byte) string {
	base64 := base64.RawStdEncoding
	return fmt.Sprintf("argon2$%s$v=19$m=%d,t=%d,p=%d$%s$%s", s.variety, s.memoryKiB, s.passes, s.lanes,
		base64.EncodeToString([]byte(salt)), base64.EncodeToString(sum))
}

func (s argon2Scheme) memory() int64 { return int64(s.memoryKiB) << 10 }
