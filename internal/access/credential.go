package access

import "strconv"

// CredentialKind is a kind of credential.
type CredentialKind string

// The kinds that differ from a session, as the audit trail names them.
const (
	APIToken CredentialKind = "API token"
	JWT      CredentialKind = "JWT"
	Basic    CredentialKind = "HTTP Basic"
)

// Credential is what authenticated a request. The zero Credential is a session, or
// none.
type Credential struct {
	Kind CredentialKind
	ID   int64  // of an API token
	Name string // of an API token
}

// IsToken reports whether the credential is a token. With a token one can create no
// others, which would outlive it.
func (c Credential) IsToken() bool { return c.Kind == APIToken || c.Kind == JWT }

// String describes the credential for the audit trail, "" for the zero Credential.
func (c Credential) String() string {
	if c.ID == 0 {
		return string(c.Kind)
	}
	return string(c.Kind) + " " + strconv.FormatInt(c.ID, 10) + " (" + c.Name + ")"
}

// By returns a copy of the actor of a request that the credential authenticated.
func (a Actor) By(c Credential) Actor {
	a.credential = c
	return a
}

// Credential returns what authenticated the request.
func (a Actor) Credential() Credential { return a.credential }
