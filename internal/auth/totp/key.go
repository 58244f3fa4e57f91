// Package totp implements the second factor of staff accounts: codes of
// authenticator apps (RFC 6238), and recovery codes.
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

// Key is the secret shared by an account and its authenticator app. Formatters
// and loggers do not show it. No code matches the zero Key.
type Key struct {
	text secret.Text // base32 without padding
}

// NewKey returns a new random key of 160 bits.
func NewKey() Key {
	bits := make([]byte, keySize)
	_, _ = rand.Read(bits) // documented never to fail
	return Key{secret.New(encoding().EncodeToString(bits))}
}

// ParseKey parses the result of Reveal. The error does not show the text.
func ParseKey(text string) (Key, error) {
	bits, err := encoding().DecodeString(text)
	if err != nil || len(bits) != keySize || encoding().EncodeToString(bits) != text {
		return Key{}, errors.New("malformed key of an authenticator app")
	}
	return Key{secret.New(text)}, nil
}

// KeyOf returns the key of 20 bytes, the result of Bytes.
func KeyOf(bits []byte) (Key, error) { return ParseKey(encoding().EncodeToString(bits)) }

// Bytes returns the 20 bytes of the key, none for the zero Key.
func (k Key) Bytes() []byte {
	bits, _ := encoding().DecodeString(k.Reveal()) // ParseKey and NewKey ensure that it decodes
	return bits
}

// Reveal returns the key as 32 characters of base32, for manual input into an app.
func (k Key) Reveal() string { return k.text.Reveal() }

// URL returns the key in the format of QR codes for authenticator apps
// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). issuer
// is the name of this system and account the username; colons in them become
// blanks, because a colon separates the two. The URL is as secret as the key.
func (k Key) URL(issuer, account string) secret.Text {
	issuer, account = escape(issuer), escape(account)
	return secret.New("otpauth://totp/" + issuer + ":" + account +
		"?secret=" + k.Reveal() + "&issuer=" + issuer + "&algorithm=SHA1&digits=6&period=30")
}

// escape escapes a name for the path and query of a URL; some apps do not
// decode "+" as a blank.
func escape(name string) string {
	name = strings.ReplaceAll(name, ":", " ")
	return strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

func encoding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }
