package site

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Signer signs values that visitors carry, so that they cannot be forged.
type Signer struct {
	keys [][]byte // the first one signs
}

// NewSigner returns a signer with a key derived from secret. Values signed with the
// older secrets are still accepted.
func NewSigner(secret string, older ...string) Signer {
	var s Signer
	for _, text := range append([]string{secret}, older...) {
		s.keys = append(s.keys, macOf([]byte(text), "roster admin site"))
	}
	return s
}

// sign returns a value as text for URLs, forms and cookies. Visitors can read it
// but not forge it. It is valid for one purpose only.
func (s Signer) sign(purpose string, value any) (string, error) {
	payload, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	text := coding.EncodeToString(payload)
	return text + "." + coding.EncodeToString(macOf(s.keys[0], purpose+"\x00"+text)), nil
}

// open reads a value signed for the purpose; false if the signature is invalid.
func (s Signer) open(purpose, signed string, value any) bool {
	text, proof, _ := strings.Cut(signed, ".")
	mac, err := coding.DecodeString(proof)
	payload, bad := coding.DecodeString(text)
	if err != nil || bad != nil {
		return false
	}
	for _, key := range s.keys {
		if hmac.Equal(mac, macOf(key, purpose+"\x00"+text)) {
			return json.Unmarshal(payload, value) == nil
		}
	}
	return false
}

var coding = base64.RawURLEncoding

func macOf(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
