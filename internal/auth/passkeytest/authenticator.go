// Package passkeytest has an authenticator in software for tests, with its
// browser: it answers the options of package passkey.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Authenticator holds one passkey. The fields may be changed between calls.
type Authenticator struct {
	Origin   string // of the page, such as "https://example.com"
	RPID     string // "": that of the options
	Verified bool   // it verifies its owner
	Synced   bool   // its passkey is on several devices
	Count    uint32 // of signatures; 0 and Synced: it does not count
	Handle   []byte // of the account

	id  []byte
	key *ecdsa.PrivateKey
}

// New returns an authenticator that verifies its owner.
func New(t *testing.T, origin string) *Authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Authenticator{Origin: origin, Verified: true, id: []byte(rand.Text()), key: key}
}

// options is what the authenticator reads of options.
type options struct {
	Challenge        string
	RPID             string `json:"rpId"`
	RP               struct{ ID string }
	User             struct{ ID string }
	UserVerification string
	AllowCredentials []struct{ ID string }
}

// Create answers the options of a registration.
func (a *Authenticator) Create(t *testing.T, text string) string {
	t.Helper()
	o := parse(t, text)
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	a.Handle = handle
	data := a.data(o.RP.ID, 0x40)
	data = append(data, make([]byte, 16)...)                      // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id))) //nolint:gosec // 26
	data = append(data, a.id...)
	data = append(data, a.publicKey(t)...)
	// {"fmt": "none", "attStmt": {}, "authData": data} in CBOR
	object := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59")
	object = binary.BigEndian.AppendUint16(object, uint16(len(data))) //nolint:gosec // some hundred
	object = append(object, data...)
	return a.answer(t, map[string]string{"clientDataJSON": encode(a.client(t, "webauthn.create", o.Challenge)), "attestationObject": encode(object)})
}

// Get answers the options of a login.
func (a *Authenticator) Get(t *testing.T, text string) string {
	t.Helper()
	o := parse(t, text)
	if a.Count > 0 {
		a.Count++
	}
	data, client := a.data(o.RPID, 0), a.client(t, "webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return a.answer(t, map[string]string{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(a.Handle),
	})
}

func parse(t *testing.T, text string) (o options) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

func encode(bits []byte) string { return base64.RawURLEncoding.EncodeToString(bits) }

// data is the authenticator data (6.1) with these flags besides its own.
func (a *Authenticator) data(rpid string, flags byte) []byte {
	if a.RPID != "" {
		rpid = a.RPID
	}
	flags |= 0x01 // the user is present
	if a.Verified {
		flags |= 0x04
	}
	if a.Synced {
		flags |= 0x18
	}
	hash := sha256.Sum256([]byte(rpid))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.Count)
}

// publicKey is the key as COSE.
func (a *Authenticator) publicKey(t *testing.T) []byte {
	t.Helper()
	point, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	cose := append([]byte("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"), point[1:33]...)
	return append(append(cose, "\x22\x58\x20"...), point[33:]...)
}

// client is the collected client data.
func (a *Authenticator) client(t *testing.T, kind, challenge string) []byte {
	t.Helper()
	return marshal(t, map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
}

func (a *Authenticator) answer(t *testing.T, response map[string]string) string {
	t.Helper()
	return string(marshal(t, map[string]any{
		"id": encode(a.id), "rawId": encode(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	}))
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
