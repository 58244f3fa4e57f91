package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Keys are derived from SECRET_KEY and its fallbacks. The first signs and
// encrypts; all verify and decrypt. The zero Keys sign and verify nothing.
type Keys struct {
	roots []string
}

// NewKeys returns the keys of SECRET_KEY, "" if it is not set, and of
// SECRET_KEY_FALLBACKS.
func NewKeys(current string, older ...string) Keys {
	if current == "" {
		return Keys{}
	}
	return Keys{append([]string{current}, older...)}
}

// The purposes of derived keys. A key for one purpose is of no use for another.
const (
	forDevices  = "roster known device"
	forUnlocks  = "roster unlock login"
	forNotices  = "roster security notice"
	forResets   = "roster password reset"
	forInvites  = "roster invitation"
	forFactors  = "roster second factor"
	forMailing  = "roster unsubscribe"
	forPasskeys = "roster passkey challenge"
	forFirst    = "roster first account"
	forFlows    = "roster provider login"
	forLinks    = "roster provider link"
	forHints    = "roster provider logout"
	forSigning  = "roster signing key"
)

// derive returns a key of 32 bytes for a purpose (HKDF, RFC 5869).
func derive(root, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(root), nil, purpose, sha256.Size)
	if err != nil {
		panic(err) // only for a longer key than the hash allows
	}
	return key
}

// sign returns a signature of 43 letters, digits, "-" and "_", or "" without a
// key.
func (k Keys) sign(purpose, text string) string {
	if len(k.roots) == 0 {
		return ""
	}
	return signature(k.roots[0], purpose, text)
}

// signed reports whether a signature is that of the text.
func (k Keys) signed(purpose, text, given string) bool {
	for _, root := range k.roots {
		if hmac.Equal([]byte(signature(root, purpose, text)), []byte(given)) {
			return true
		}
	}
	return false
}

// SignUnsubscribe returns a signature of 43 letters, digits, "-" and "_" for a link
// to unsubscribe, or "" without a key.
func (k Keys) SignUnsubscribe(text string) string { return k.sign(forMailing, text) }

// SignedUnsubscribe reports whether a signature is that of the text.
func (k Keys) SignedUnsubscribe(text, given string) bool { return k.signed(forMailing, text, given) }

func signature(root, purpose, text string) string {
	mac := hmac.New(sha256.New, derive(root, purpose))
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
