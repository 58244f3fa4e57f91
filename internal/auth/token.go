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

// Token is a random text that proves who holds it, such as the id of a
// session in a cookie. Formatters and loggers do not show it. Only its Digest
// is stored, so that whoever reads the database cannot use it. The zero Token
// proves nothing.
type Token struct {
	text secret.Text
}

// NewToken returns a new token of 256 random bits.
func NewToken() Token {
	bits := make([]byte, tokenSize)
	_, _ = rand.Read(bits) // never fails: the documentation of crypto/rand says so
	return Token{secret.New(base64.RawURLEncoding.EncodeToString(bits))}
}

// ParseToken returns the token that Reveal wrote, or an error of kind
// fault.Unauthenticated, without the text, for anything else.
func ParseToken(text string) (Token, error) {
	bits, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) != tokenLength || len(bits) != tokenSize {
		return Token{}, fault.New(fault.Unauthenticated, "The session is not valid.")
	}
	return Token{secret.New(text)}, nil
}

// Reveal returns the text for the cookie: 43 letters, digits, "-" and "_".
func (t Token) Reveal() string { return t.text.Reveal() }

// Digest returns what is stored and looked up: the SHA-256 of the text in 64
// hexadecimal digits. A token has too many bits for a slower hash to be of use,
// and looking a digest up tells nothing by its time.
func (t Token) Digest() string {
	sum := sha256.Sum256([]byte(t.text.Reveal()))
	return hex.EncodeToString(sum[:])
}
