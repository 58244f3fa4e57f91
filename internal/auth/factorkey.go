package auth

import (
	"errors"
	"strconv"

	"roster/internal/auth/totp"
)

// errSealed is returned for a key that none of the Keys decrypts.
var errSealed = errors.New("the key of an authenticator app was encrypted with another SECRET_KEY; set that as SECRET_KEY_FALLBACKS, or reset the second factor")

// sealFactor encrypts the key of an account's authenticator app, in 64 characters.
func (k Keys) sealFactor(key totp.Key, account int64) (string, error) {
	return k.seal(forFactors, ownerOf(account), key.Bytes())
}

// openFactor decrypts a text of sealFactor, and reports whether it should be
// encrypted again: with the present SECRET_KEY, or at all, because earlier
// versions stored keys in clear text.
func (k Keys) openFactor(text string, account int64) (key totp.Key, outdated bool, err error) {
	if key, err = totp.ParseKey(text); err == nil {
		return key, true, nil
	}
	bits, outdated, err := k.open(forFactors, ownerOf(account), text)
	if err != nil {
		return totp.Key{}, false, errSealed
	}
	key, err = totp.KeyOf(bits)
	return key, outdated, err
}

func ownerOf(account int64) string { return strconv.FormatInt(account, 10) }
