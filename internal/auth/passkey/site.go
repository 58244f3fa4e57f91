// Package passkey verifies passkeys of staff accounts: registrations and
// assertions of W3C Web Authentication, level 3
// (https://www.w3.org/TR/webauthn-3/).
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Life is how long a browser may take to answer.
const Life = 5 * time.Minute

// Site is the relying party: the pages at which passkeys are used.
type Site struct {
	ID     string // the domain that passkeys are bound to
	Origin string // of the pages, such as "https://example.com"
}

// NewSite returns the site at a host with an optional port, which must be
// trusted. Passkeys cannot be bound to IP addresses.
func NewSite(scheme, host string) (Site, error) {
	host = strings.ToLower(host)
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	if port == "" || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		host = name
	}
	if err := protocol.ValidateRPID(name); err != nil || strings.ContainsAny(name, "[]:") {
		return Site{}, errors.New("passkeys cannot be bound to " + name)
	}
	return Site{ID: name, Origin: scheme + "://" + host}, nil
}

// User is the account in the list of passkeys that browsers show.
type User struct {
	Handle []byte // random, 1 to 64 bytes
	Name   string
}

// Creation returns the options of navigator.credentials.create() as JSON. The
// challenge is base64url. Authenticators of exclude do not register twice.
func (s Site) Creation(u User, exclude []Credential, challenge string) (string, error) {
	w, err := s.webAuthn()
	if err != nil {
		return "", err
	}
	options, _, err := w.BeginRegistration(owner{u, nil}, webauthn.WithExclusions(descriptors(exclude)), webauthn.WithCredentialParameters(parameters()),
		func(o *protocol.PublicKeyCredentialCreationOptions) error {
			return o.Challenge.UnmarshalJSON([]byte(`"` + challenge + `"`))
		})
	if err != nil {
		return "", err
	}
	return marshal(options.Response)
}

// Request returns the options of navigator.credentials.get() as JSON. Without
// allowed credentials, the browser offers those that it finds. verify demands
// that the authenticator verifies its owner, by a PIN or a fingerprint.
func (s Site) Request(allowed []Credential, challenge string, verify bool) (string, error) {
	w, err := s.webAuthn()
	if err != nil {
		return "", err
	}
	wanted := protocol.VerificationDiscouraged
	if verify {
		wanted = protocol.VerificationRequired
	}
	options, _, err := w.BeginDiscoverableLogin(webauthn.WithAllowedCredentials(descriptors(allowed)), webauthn.WithUserVerification(wanted),
		func(o *protocol.PublicKeyCredentialRequestOptions) error {
			return o.Challenge.UnmarshalJSON([]byte(`"` + challenge + `"`))
		})
	if err != nil {
		return "", err
	}
	return marshal(options.Response)
}

func marshal(options any) (string, error) {
	text, err := json.Marshal(options)
	return string(text), err
}

// parameters are the accepted algorithms: those that authenticators have.
func parameters() (list []protocol.CredentialParameter) {
	for _, algorithm := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256} {
		list = append(list, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: algorithm})
	}
	return list
}

// webAuthn returns the library's relying party.
func (s Site) webAuthn() (*webauthn.WebAuthn, error) {
	limit := webauthn.TimeoutConfig{Timeout: Life, TimeoutUVD: Life} // for the browser; the caller enforces it
	w, err := webauthn.New(&webauthn.Config{
		RPID: s.ID, RPDisplayName: "Roster", RPOrigins: []string{s.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
		// Some password managers add outputs, of which none is used.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return w, nil
}
