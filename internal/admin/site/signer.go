package site

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Signer lets visitors keep what only this server may have made.
type Signer struct {
	keys [][]byte // the first one signs
}

// NewSigner returns a signer whose keys are made of secrets; what was signed
// with one of the older ones is still known.
func NewSigner(secret string, older ...string) Signer {
	var s Signer
	for _, text := range append([]string{secret}, older...) {
		s.keys = append(s.keys, macOf([]byte(text), "roster admin site"))
	}
	return s
}

// sign returns a value as a text for URLs, forms and cookies that can be read
// but not made by others. What is signed for one purpose is nothing for another.
func (s Signer) sign(purpose string, value any) (string, error) {
	payload, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	text := coding.EncodeToString(payload)
	return text + "." + coding.EncodeToString(macOf(s.keys[0], purpose+"\x00"+text)), nil
}

// open reads what sign returned for the purpose; false when it did not.
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
