package auth

import (
	"context"
	"time"

	"roster/internal/fault"
)

// Identity is a person's login at an OpenID Connect provider, linked to an
// account.
type Identity struct {
	ID        int64
	Account   int64
	Issuer    string // of the provider, at most 255 bytes of ASCII
	Subject   string // of the person at the provider, at most 255 bytes; case-sensitive
	Email     string // verified by the provider at the last login, "" if none was
	CreatedAt time.Time
	UsedAt    time.Time // last login, zero if never
}

// maxSubject is the maximum length of a subject in bytes (OpenID Connect Core 1.0,
// section 2).
const maxSubject = 255

// MaxIdentities is the number of identities that an account can have.
const MaxIdentities = 20

// Claims are what a provider says about a person, in a token that was verified.
type Claims struct {
	Issuer, Subject string
	Email           string // "" unless the provider has verified it
	Username        string // proposed for a new account, any text
	FirstName       string
	LastName        string
	Groups          []string  // names
	MFA             bool      // a second factor was checked
	AuthTime        time.Time // of the login at the provider, zero if unknown
	Hint            string    // for a logout at the provider, "" if none
}

// ProviderRules are what the logins of a provider may change.
type ProviderRules struct {
	Name            string   // of the provider, in the audit trail
	MapGroups       bool     // the groups of the claims are those of the account
	StaffGroups     []string // whose members are staff; nil: is_staff stays
	SuperuserGroups []string // whose members are superusers and staff; nil: is_superuser stays
	Create          bool     // make an account for a person who has none
}

// The errors of a login by a provider. The visitor may see their messages.
var (
	ErrUnverified = fault.New(fault.Denied, "The provider has not verified your e-mail address.")
	ErrNotLinked  = fault.New(fault.Denied, "No account is linked to this login.")
	ErrBarred     = fault.New(fault.Denied, "Your account may not log in here.")
	ErrNoUsername = fault.New(fault.Denied, "No account could be created, because its username is taken or not valid.")
	ErrCanceled   = fault.New(fault.Invalid, "The login at the provider was canceled or refused.")
	ErrReplayed   = fault.New(fault.Invalid, "This login was already completed or has expired. Log in again.")
)

// IdentityReader reads identities.
type IdentityReader interface {
	// ListIdentities returns the identities of an account, the oldest first.
	ListIdentities(ctx context.Context, account int64) ([]Identity, error)
	// FindIdentity returns the identity of a person, or NotFound.
	FindIdentity(ctx context.Context, issuer, subject string) (Identity, error)
}

// IdentityTx changes identities.
type IdentityTx interface {
	// FindIdentity returns the identity of a person, or NotFound.
	FindIdentity(issuer, subject string) (Identity, error)
	// FindIdentityByID returns the identity of that id, or NotFound.
	FindIdentityByID(id int64) (Identity, error)
	// ListIdentities returns the identities of an account, the oldest first.
	ListIdentities(account int64) ([]Identity, error)
	// InsertIdentity stores a new identity, and returns its id.
	InsertIdentity(i Identity) (int64, error)
	// UpdateIdentity stores Email and UsedAt of i, by its id.
	UpdateIdentity(i Identity) error
	// DeleteIdentity deletes an identity and the sessions that it began.
	DeleteIdentity(id int64) error
	// IdentityGroups returns the ids of the groups that the claims of an identity
	// have named.
	IdentityGroups(id int64) ([]int64, error)
	// SetIdentityGroups replaces them.
	SetIdentityGroups(id int64, groups []int64) error
}
