package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
)

// errNoKey is returned if something must be encrypted without SECRET_KEY.
var errNoKey = errors.New("SECRET_KEY is not set, so keys cannot be encrypted")

// errOtherKey is returned for a text that none of the Keys decrypts.
var errOtherKey = errors.New("encrypted with another SECRET_KEY")

// seal encrypts bytes for a purpose and an owner with AES-256-GCM, in letters,
// digits, "-" and "_": the nonce, the bytes, and the tag. The text is of no use for
// another owner.
func (k Keys) seal(purpose, owner string, plain []byte) (string, error) {
	if len(k.roots) == 0 {
		return "", errNoKey
	}
	box := boxOf(k.roots[0], purpose)
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // documented never to fail
	return base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, plain, []byte(owner))), nil
}

// open decrypts a text of seal, and reports whether it should be encrypted again
// with the present SECRET_KEY.
func (k Keys) open(purpose, owner, text string) (plain []byte, outdated bool, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, false, errOtherKey
	}
	for i, root := range k.roots {
		box := boxOf(root, purpose)
		if len(sealed) < box.NonceSize() {
			break
		}
		plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(owner))
		if err == nil {
			return plain, i > 0, nil
		}
	}
	return nil, false, errOtherKey
}

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
