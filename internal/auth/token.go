package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"roster/internal/fault"
	"roster/internal/secret"
)

const (
	tokenSize   = 32 // bytes: 256 bits
	tokenLength = 43 // characters of base64 without padding
)

// Token is a random secret that identifies its holder, such as the id of a
// session in a cookie. Formatters and loggers do not show it. Only its Digest
// is stored, so that database readers cannot use it. The zero Token is invalid.
type Token struct {
	text secret.Text
}

// NewToken returns a new token of 256 random bits.
func NewToken() Token {
	bits := make([]byte, tokenSize)
	_, _ = rand.Read(bits) // documented never to fail
	return Token{secret.New(base64.RawURLEncoding.EncodeToString(bits))}
}

// ParseToken parses the result of Reveal. Other texts return an error of kind
// fault.Unauthenticated, which does not show the text.
func ParseToken(text string) (Token, error) {
	bits, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) != tokenLength || len(bits) != tokenSize {
		return Token{}, fault.New(fault.Unauthenticated, "The session is not valid.")
	}
	return Token{secret.New(text)}, nil
}

// Reveal returns the text for the cookie: 43 letters, digits, "-" and "_".
func (t Token) Reveal() string { return t.text.Reveal() }

// Digest returns the key for storage and lookup: the SHA-256 of the text in 64
// hexadecimal digits. A slower hash is not needed for so many random bits, and
// the lookup reveals nothing by its timing.
func (t Token) Digest() string { return hexDigest(t.text) }

func hexDigest(text secret.Text) string {
	sum := sha256.Sum256([]byte(text.Reveal()))
	return hex.EncodeToString(sum[:])
}
