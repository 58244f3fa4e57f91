package totp

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // within HMAC, and the only digest that every authenticator app supports
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

const (
	period  = 30 * time.Second
	skew    = 1 // periods by which the app's clock may differ
	modulus = 1_000_000
)

// Verify reports whether code is the key's code for that time or for the period
// before or after it, and returns the number of its period. A code can be used
// once: lastUsed is the period of the last code accepted for the account, 0
// before the first, and codes up to it are rejected.
//
// The caller must store the number before it grants access, in an atomic step
// that fails if the stored number is no longer lastUsed; otherwise two
// concurrent logins can use one code. Blanks in the code are ignored. Six
// digits need a throttle against guessing.
func (k Key) Verify(code string, at time.Time, lastUsed int64) (used int64, ok bool) {
	if k.Reveal() == "" {
		return 0, false // anyone could compute the codes of an empty key
	}
	code = strings.ReplaceAll(code, " ", "")
	now := at.Unix() / int64(period/time.Second)
	for step := now - skew; step <= now+skew; step++ {
		right := subtle.ConstantTimeCompare([]byte(k.code(step)), []byte(code)) == 1
		if right && step > lastUsed && step > used {
			used, ok = step, true
		}
	}
	return used, ok
}

// Code returns the six digits that an app shows at that time.
func (k Key) Code(at time.Time) string { return k.code(at.Unix() / int64(period/time.Second)) }

// code is HOTP of RFC 4226, section 5.3, with six digits.
func (k Key) code(counter int64) string {
	mac := hmac.New(sha1.New, k.Bytes())
	_ = binary.Write(mac, binary.BigEndian, counter)
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0F
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7FFF_FFFF
	return fmt.Sprintf("%06d", number%modulus)
}
