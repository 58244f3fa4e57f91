// Package totp holds the second factor of staff accounts: codes of
// authenticator apps (RFC 6238) and recovery codes for when the app is lost.
package totp

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/url"
	"strings"

	"roster/internal/secret"
)

const keySize = 20 // bytes; RFC 4226, section 4, recommends 160 bits

// Key is what an account and its authenticator app have in common. Formatters
// and loggers do not show it. No code is right for the zero Key.
type Key struct {
	text secret.Text // base32 without padding
}

// NewKey returns a new random key of 160 bits.
func NewKey() Key {
	bits := make([]byte, keySize)
	_, _ = rand.Read(bits) // never fails: the documentation of crypto/rand says so
	return Key{secret.New(encoding().EncodeToString(bits))}
}

// ParseKey returns the key that Reveal wrote. The error does not show the text.
func ParseKey(text string) (Key, error) {
	bits, err := encoding().DecodeString(text)
	if err != nil || len(bits) != keySize || encoding().EncodeToString(bits) != text {
		return Key{}, errors.New("malformed key of an authenticator app")
	}
	return Key{secret.New(text)}, nil
}

// Reveal returns the key in 32 characters of base32, to store it and for those
// who type it into their app.
func (k Key) Reveal() string { return k.text.Reveal() }

// URL returns the key as authenticator apps read it from a QR code
// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). issuer
// names this system and account the login; a colon in either becomes a blank,
// because it separates the two. It is as secret as the key.
func (k Key) URL(issuer, account string) secret.Text {
	issuer, account = escape(issuer), escape(account)
	return secret.New("otpauth://totp/" + issuer + ":" + account +
		"?secret=" + k.Reveal() + "&issuer=" + issuer + "&algorithm=SHA1&digits=6&period=30")
}

// escape writes a name for both the path and the query of a URL; some apps do
// not read "+" as a blank.
func escape(name string) string {
	name = strings.ReplaceAll(name, ":", " ")
	return strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// bytes returns the key for the HMAC; ParseKey and NewKey let nothing else in.
func (k Key) bytes() []byte {
	bits, _ := encoding().DecodeString(k.Reveal())
	return bits
}

func encoding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }
