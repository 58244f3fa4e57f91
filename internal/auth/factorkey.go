package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strconv"

	"roster/internal/auth/totp"
)

// errNoKey is returned if a key must be encrypted without SECRET_KEY.
var errNoKey = errors.New("SECRET_KEY is not set, so the key of an authenticator app cannot be encrypted")

// errSealed is returned for a key that none of the Keys decrypts.
var errSealed = errors.New("the key of an authenticator app was encrypted with another SECRET_KEY; set that as SECRET_KEY_FALLBACKS, or reset the second factor")

// sealFactor encrypts the key of an account's authenticator app with
// AES-256-GCM, in 64 letters, digits, "-" and "_": the nonce, the key, and the
// tag. The text is of no use for another account.
func (k Keys) sealFactor(key totp.Key, account int64) (string, error) {
	if len(k.roots) == 0 {
		return "", errNoKey
	}
	return seal(boxOf(k.roots[0], forFactors), key.Bytes(), ownerOf(account)), nil
}

// openFactor decrypts a text of sealFactor, and reports whether it should be
// encrypted again: with the present SECRET_KEY, or at all, because earlier
// versions stored keys in clear text.
func (k Keys) openFactor(text string, account int64) (key totp.Key, outdated bool, err error) {
	if key, err = totp.ParseKey(text); err == nil {
		return key, true, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return totp.Key{}, false, errSealed
	}
	for i, root := range k.roots {
		box := boxOf(root, forFactors)
		if len(sealed) < box.NonceSize() {
			break
		}
		bits, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], ownerOf(account))
		if err == nil {
			key, err = totp.KeyOf(bits)
			return key, i > 0, err
		}
	}
	return totp.Key{}, false, errSealed
}

// seal encrypts bits in letters, digits, "-" and "_": the nonce, the bits, and
// the tag. The text is of no use with other bound bits.
func seal(box cipher.AEAD, bits, bound []byte) string {
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // documented never to fail
	return base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, bits, bound))
}

// boxOf returns the cipher of a purpose: AES-256-GCM.
func boxOf(root, purpose string) cipher.AEAD {
	block, err := aes.NewCipher(derive(root, purpose))
	if err != nil {
		panic(err) // only for a key of another length
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for a cipher with other blocks
	}
	return box
}

func ownerOf(account int64) []byte { return strconv.AppendInt(nil, account, 10) }
