package access

import "strconv"

// CredentialKind is a kind of credential.
type CredentialKind string

// The kinds, as the audit trail names them.
const (
	APIToken CredentialKind = "API token"
	JWT      CredentialKind = "JWT"
	Basic    CredentialKind = "HTTP Basic"

	// How a session began.
	Password CredentialKind = "password"
	Passkey  CredentialKind = "passkey"
	Provider CredentialKind = "provider"
	MailLink CredentialKind = "link in a mail" // to set a password, or to unlock the login

	session CredentialKind = "session"
	command CredentialKind = "command"
)

// Credential is what authenticated a request. The zero Credential is a session, or
// none.
type Credential struct {
	Kind CredentialKind
	ID   int64  // of an API token
	Name string // of an API token, or the issuer of a JWT if that is not Roster
}

// IsToken reports whether the credential is a token. With a token one can create no
// others, which would outlive it.
func (c Credential) IsToken() bool { return c.Kind == APIToken || c.Kind == JWT }

// String describes the credential for the audit trail, "" for the zero Credential.
func (c Credential) String() string {
	switch {
	case c.Name == "":
		return string(c.Kind)
	case c.Kind == JWT:
		return string(c.Kind) + " of " + c.Name
	}
	return string(c.Kind) + " “" + c.Name + "” (" + strconv.FormatInt(c.ID, 10) + ")"
}

// By returns a copy of the actor of a request that the credential authenticated.
func (a Actor) By(c Credential) Actor {
	a.credential = c
	return a
}

// Credential returns what authenticated the request.
func (a Actor) Credential() Credential { return a.credential }

// ActedWith describes for the audit trail what the actor acts with: its credential,
// a session, or a command; "" for parts of the system and anonymous callers.
func (a Actor) ActedWith() string {
	switch {
	case a.credential.Kind != "":
		return a.credential.String()
	case a.origin.Door == CLI:
		return string(command)
	case a.id != 0:
		return string(session)
	}
	return ""
}
