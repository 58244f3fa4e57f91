package passkey

import (
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// maxAnswer is the maximum length of a browser's answer in bytes. Answers
// without attestation have one or two thousand.
const maxAnswer = 16 << 10

// The maximum lengths of stored values in bytes.
const (
	maxID        = 1023 // of the specification, 7.1, step 25
	maxPublicKey = 2048 // of an RSA key of 8192 bits, with room
)

// ErrCloned is returned if the signature counter went back: there are two
// copies of the private key.
var ErrCloned = errors.New("the signature counter went back")

// Credential is the stored part of a passkey. None of it is secret.
type Credential struct {
	ID         []byte   // chosen by the authenticator, at most 1023 bytes
	PublicKey  []byte   // as COSE (RFC 9052)
	Handle     []byte   // of the User
	AAGUID     []byte   // the authenticator's model, 16 bytes, often zero
	Flags      byte     // of the authenticator data at the last use
	SignCount  uint32   // at the last use; always 0 for synchronized passkeys
	Transports []string // how the browser reaches the authenticator
}

// Synced reports whether the passkey may exist on several devices.
func (c Credential) Synced() bool { return protocol.AuthenticatorFlags(c.Flags).HasBackupEligible() }

// Verified reports whether the authenticator verified its owner when the passkey
// was registered.
func (c Credential) Verified() bool { return protocol.AuthenticatorFlags(c.Flags).HasUserVerified() }

func (c Credential) record() webauthn.Credential {
	transports := make([]protocol.AuthenticatorTransport, len(c.Transports))
	for i, t := range c.Transports {
		transports[i] = protocol.AuthenticatorTransport(t)
	}
	return webauthn.Credential{
		ID: c.ID, PublicKey: c.PublicKey, Transport: transports, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(c.Flags)),
		Authenticator: webauthn.Authenticator{AAGUID: c.AAGUID, SignCount: c.SignCount},
	}
}

func descriptors(credentials []Credential) []protocol.CredentialDescriptor {
	list := make([]protocol.CredentialDescriptor, len(credentials))
	for i, c := range credentials {
		record := c.record()
		list[i] = record.Descriptor()
	}
	return list
}

// owner is a User with credentials, for the library.
type owner struct {
	user        User
	credentials []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.user.Handle }
func (o owner) WebAuthnName() string                       { return o.user.Name }
func (o owner) WebAuthnDisplayName() string                { return o.user.Name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// Register returns the credential of a browser's answer to Creation with that
// user and challenge.
func (s Site) Register(u User, challenge, answer string) (Credential, error) {
	w, err := s.webAuthn()
	if err != nil {
		return Credential{}, err
	}
	if len(answer) > maxAnswer {
		return Credential{}, errTooLong
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return Credential{}, explained(err)
	}
	c, err := w.CreateCredential(owner{u, nil}, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: s.ID, UserID: u.Handle, CredParams: parameters(), UserVerification: protocol.VerificationPreferred,
	}, parsed)
	if err != nil {
		return Credential{}, explained(err)
	}
	if len(c.ID) > maxID || len(c.PublicKey) > maxPublicKey {
		return Credential{}, errTooLong
	}
	return Credential{
		ID: c.ID, PublicKey: c.PublicKey, Handle: u.Handle, AAGUID: c.Authenticator.AAGUID,
		Flags: byte(c.Flags.ProtocolValue()), SignCount: c.Authenticator.SignCount, Transports: known(c.Transport),
	}, nil
}

// known returns the transports that the specification lists; others are not
// stored.
func known(given []protocol.AuthenticatorTransport) (list []string) {
	for _, t := range []protocol.AuthenticatorTransport{protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal} {
		for _, g := range given {
			if g == t {
				list = append(list, string(t))
				break
			}
		}
	}
	return list
}

// Assertion is a browser's answer to Request. It is not verified.
type Assertion struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// ParseAssertion parses a browser's answer.
func ParseAssertion(answer string) (Assertion, error) {
	if len(answer) > maxAnswer {
		return Assertion{}, errTooLong
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return Assertion{}, explained(err)
	}
	return Assertion{parsed}, nil
}

// CredentialID returns the ID of the credential that was used.
func (a Assertion) CredentialID() []byte { return a.parsed.RawID }

// Verify returns the credential as it is stored after its use, or why the
// assertion is rejected: ErrCloned, or that it does not answer Request with that
// challenge, at this site, with this credential.
func (s Site) Verify(a Assertion, c Credential, challenge string, verify bool) (Credential, error) {
	w, err := s.webAuthn()
	if err != nil {
		return Credential{}, err
	}
	wanted := protocol.VerificationDiscouraged
	if verify {
		wanted = protocol.VerificationRequired
	}
	used, err := w.ValidateLogin(owner{User{Handle: c.Handle}, []webauthn.Credential{c.record()}}, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: s.ID, UserID: c.Handle, UserVerification: wanted,
	}, a.parsed)
	if err != nil {
		return Credential{}, explained(err)
	}
	if used.Authenticator.CloneWarning {
		return Credential{}, ErrCloned
	}
	c.Flags, c.SignCount = byte(used.Flags.ProtocolValue()), used.Authenticator.SignCount
	return c, nil
}

var errTooLong = errors.New("the answer about a passkey is too long")

// explained returns an error of the library with its details, for logs: Error()
// leaves them out.
func explained(err error) error {
	if e, ok := errors.AsType[*protocol.Error](err); ok && e.DevInfo != "" {
		return fmt.Errorf("%w: %s", err, e.DevInfo)
	}
	return err
}
