// Package jwt signs and verifies JSON Web Tokens (RFC 7519) with the claims and
// messages of djangorestframework-simplejwt 5.2. It follows RFC 8725: a profile
// has one algorithm, keys belong to it, and types are explicit.
package jwt

import (
	"strconv"
	"strings"
	"time"

	lib "github.com/golang-jwt/jwt/v5"
)

// The types of tokens, in the claim token_type.
const (
	Access  = "access"
	Refresh = "refresh"
)

const (
	maxLength = 8 << 10          // bytes of a token
	leeway    = 60 * time.Second // for iat and nbf; a token expires without any
)

// Error is why a token is refused, as simplejwt says it.
type Error string

// The errors.
const (
	ErrInvalid     Error = "Token is invalid or expired"
	ErrNoExpiry    Error = "Token has no 'exp' claim"
	ErrNoID        Error = "Token has no id"
	ErrNoType      Error = "Token has no type"
	ErrWrongType   Error = "Token has wrong type"
	ErrBlacklisted Error = "Token is blacklisted"
)

// Error returns the message.
func (e Error) Error() string { return string(e) }

// Claims are the claims of a token. A zero value is a missing claim.
type Claims struct {
	Type      string // token_type
	ID        string // jti
	Account   int64  // user_id; 0 also if it is no number
	Session   string // sid: the login that the token comes from
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// Check returns ErrNoExpiry, NoID, or that the type is not the wanted one; "" stands
// for any type.
func (c Claims) Check(wanted string) error {
	switch {
	case c.ExpiresAt.IsZero():
		return ErrNoExpiry
	case c.ID == "":
		return ErrNoID
	case wanted == "" || c.Type == wanted:
		return nil
	case c.Type == "":
		return ErrNoType
	}
	return ErrWrongType
}

// Profile is how the tokens of a server are signed and verified.
type Profile struct {
	Algorithm Algorithm
	Issuer    string // iss, "" for none: simplejwt has none by default
	Audience  string // aud, "" for none
	Now       func() time.Time
}

// wire is a token's payload.
type wire struct {
	lib.RegisteredClaims

	Type    string `json:"token_type,omitempty"`
	Account userID `json:"user_id,omitempty"`
	Session string `json:"sid,omitempty"`
}

// userID is a number; simplejwt from 5.5 writes it as a text.
type userID int64

// UnmarshalJSON implements json.Unmarshaler. Everything but an integer is 0.
func (u *userID) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err == nil {
		*u = userID(n)
	}
	return nil
}

// Sign returns a token with the claims, signed with a key of the algorithm.
func (p Profile) Sign(key Key, c Claims) (string, error) {
	payload := wire{Type: c.Type, Account: userID(c.Account), Session: c.Session, RegisteredClaims: lib.RegisteredClaims{
		ID: c.ID, Issuer: p.Issuer, IssuedAt: lib.NewNumericDate(c.IssuedAt), ExpiresAt: lib.NewNumericDate(c.ExpiresAt),
	}}
	if p.Audience != "" {
		payload.Audience = lib.ClaimStrings{p.Audience}
	}
	token := lib.NewWithClaims(lib.GetSigningMethod(string(p.Algorithm)), payload)
	if key.ID != "" {
		token.Header["kid"] = key.ID
	}
	return token.SignedString(key.signer())
}

// Parse verifies a token: its algorithm, signature, type JWT, issuer, audience and
// times. find returns the keys of an id, "" for a token without one. Parse returns
// ErrInvalid, or the error of find; call Check for the rest.
func (p Profile) Parse(text string, find func(id string) ([]Key, error)) (Claims, error) {
	if len(text) > maxLength {
		return Claims{}, ErrInvalid
	}
	var unavailable error
	options := []lib.ParserOption{
		lib.WithValidMethods([]string{string(p.Algorithm)}), lib.WithLeeway(leeway), lib.WithIssuedAt(),
		lib.WithTimeFunc(p.Now), lib.WithStrictDecoding(),
	}
	if p.Issuer != "" {
		options = append(options, lib.WithIssuer(p.Issuer))
	}
	if p.Audience != "" {
		options = append(options, lib.WithAudience(p.Audience))
	}
	var payload wire
	_, err := lib.NewParser(options...).ParseWithClaims(text, &payload, func(token *lib.Token) (any, error) {
		id, ok := keyOf(token.Header)
		if !ok {
			return nil, ErrInvalid
		}
		keys, err := find(id)
		unavailable = err
		return publicKeys(keys), err
	})
	switch {
	case unavailable != nil:
		return Claims{}, unavailable
	case err != nil || expired(payload, p.Now()):
		return Claims{}, ErrInvalid
	}
	return payload.claims(), nil
}

// keyOf returns the id of the key in a header, false for a header that is not that
// of a JWT: of another type, or with extensions that must be understood.
func keyOf(header map[string]any) (id string, ok bool) {
	kind, _ := header["typ"].(string)
	_, critical := header["crit"]
	id, _ = header["kid"].(string)
	return id, strings.EqualFold(kind, "JWT") && !critical
}

// IssuerOf returns what a token claims as its issuer, without any verification; ""
// for no token.
func IssuerOf(text string) string {
	var payload lib.RegisteredClaims
	if len(text) > maxLength {
		return ""
	}
	if _, _, err := lib.NewParser().ParseUnverified(text, &payload); err != nil {
		return ""
	}
	return payload.Issuer
}

// expired reports whether a token has expired, without the leeway.
func expired(payload wire, now time.Time) bool {
	return payload.ExpiresAt != nil && !now.Before(payload.ExpiresAt.Time)
}

func (w wire) claims() Claims {
	c := Claims{Type: w.Type, ID: w.ID, Account: int64(w.Account), Session: w.Session}
	if w.IssuedAt != nil {
		c.IssuedAt = w.IssuedAt.Time
	}
	if w.ExpiresAt != nil {
		c.ExpiresAt = w.ExpiresAt.Time
	}
	return c
}
