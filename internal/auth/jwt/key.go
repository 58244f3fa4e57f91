package jwt

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"time"

	lib "github.com/golang-jwt/jwt/v5"
)

// Algorithm is how tokens are signed.
type Algorithm string

// The algorithms.
const (
	EdDSA Algorithm = "EdDSA" // Ed25519 (RFC 8037)
	RS256 Algorithm = "RS256"
	HS256 Algorithm = "HS256" // with a secret that every verifier has
)

// rsaBits is the length of RSA keys (NIST SP 800-57: sufficient until 2030).
const rsaBits = 3072

// Key signs and verifies tokens of one algorithm.
type Key struct {
	ID        string    // the header kid; "" for a secret
	CreatedAt time.Time // UTC; zero for a secret

	secret  []byte
	private crypto.Signer
}

// SecretKey returns the key of HS256.
func SecretKey(secret []byte) Key { return Key{secret: secret} }

// NewKey returns a new private key for EdDSA or RS256.
func NewKey(id string, of Algorithm) (key Key, err error) {
	key.ID = id
	if of == RS256 {
		key.private, err = rsa.GenerateKey(rand.Reader, rsaBits)
		return key, err
	}
	_, key.private, err = ed25519.GenerateKey(rand.Reader)
	return key, err
}

// Private returns the private key in PKCS #8.
func (k Key) Private() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(k.private) }

// ParseKey parses the result of Private.
func ParseKey(id string, der []byte) (Key, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return Key{}, err
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return Key{}, errors.New("not a key for signatures")
	}
	return Key{ID: id, private: private}, nil
}

func (k Key) signer() any {
	if k.private == nil {
		return k.secret
	}
	return k.private
}

// publicKeys returns what verifies the signatures of keys.
func publicKeys(keys []Key) (set lib.VerificationKeySet) {
	for _, k := range keys {
		if k.private == nil {
			set.Keys = append(set.Keys, k.secret)
		} else {
			set.Keys = append(set.Keys, k.private.Public())
		}
	}
	return set
}

// JWK is a public key as a JSON Web Key (RFC 7517, RFC 8037).
type JWK struct {
	KeyType   string `json:"kty"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Modulus   string `json:"n,omitempty"`
	Exponent  string `json:"e,omitempty"`
}

// JWK returns the public key, false for a secret, which has none.
func (k Key) JWK() (JWK, bool) {
	if k.private == nil {
		return JWK{}, false
	}
	encode := base64.RawURLEncoding.EncodeToString
	jwk := JWK{ID: k.ID, Use: "sig"}
	switch public := k.private.Public().(type) {
	case ed25519.PublicKey:
		jwk.KeyType, jwk.Algorithm, jwk.Curve, jwk.X = "OKP", string(EdDSA), "Ed25519", encode(public)
	case *rsa.PublicKey:
		jwk.KeyType, jwk.Algorithm = "RSA", string(RS256)
		jwk.Modulus, jwk.Exponent = encode(public.N.Bytes()), encode(big.NewInt(int64(public.E)).Bytes())
	}
	return jwk, true
}
