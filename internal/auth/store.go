package auth

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/jwt"
	"roster/internal/query"
)

// Store stores staff accounts, groups and sessions. Implementations are safe
// for concurrent use, also by several processes, and return errors of package
// fault: NotFound for a missing row, Unavailable or Full for temporary
// failures.
type Store interface {
	AccountReader
	GroupReader
	SessionReader
	FactorReader
	TokenReader
	PasskeyReader
	IdentityReader
	SigningKeyReader
	// InAuthTx runs fn in one transaction, as user.Store says of InTx.
	InAuthTx(ctx context.Context, fn func(tx Tx) error) error
}

// AccountReader reads accounts.
type AccountReader interface {
	// FindAccount returns an account and its holdings.
	FindAccount(ctx context.Context, id int64) (Account, Holdings, error)
	// FindAccountNamed returns the account of that username, as the table compares
	// names: Django finds the same one.
	FindAccountNamed(ctx context.Context, username string) (Account, error)
	// ListAccountsOf returns up to limit active staff accounts with that e-mail
	// address, by id. Its ASCII letters are in lower case, and match those of both
	// cases.
	ListAccountsOf(ctx context.Context, email string, limit int) ([]Account, error)
	// ListAccounts returns up to limit accounts that match q, by username and
	// id, after skipping offset.
	ListAccounts(ctx context.Context, q AccountQuery, offset int64, limit int) ([]Account, error)
	// CountAccounts returns the number of accounts that match q.
	CountAccounts(ctx context.Context, q AccountQuery) (int64, error)
}

// AccountQuery filters accounts. The zero AccountQuery matches all.
type AccountQuery struct {
	Search      string // part of username, e-mail, first or last name; ASCII letters match case-insensitively
	IsActive    query.Choice
	IsStaff     query.Choice
	IsSuperuser query.Choice
	Group       int64 // members of this group, 0 for all accounts
	// Holds is a permission that they hold, as superusers, through a group or
	// directly, or would hold if they were active; "" for all accounts.
	Holds access.Permission
}

// GroupReader reads groups and permissions.
type GroupReader interface {
	// FindGroup returns one group.
	FindGroup(ctx context.Context, id int64) (Group, error)
	// ListGroups returns all groups, ordered by name.
	ListGroups(ctx context.Context) ([]Group, error)
	// ListPermissions returns all permissions in Django's order: by
	// application, model and codename.
	ListPermissions(ctx context.Context) ([]PermissionRow, error)
}

// FactorReader reads second factors.
type FactorReader interface {
	// FindFactor returns the second factor of an account, or NotFound.
	FindFactor(ctx context.Context, account int64) (Factor, error)
	// FactorAccounts returns up to limit ids of accounts with a second factor,
	// above after, in order.
	FactorAccounts(ctx context.Context, after int64, limit int) ([]int64, error)
}

// SessionReader reads sessions.
type SessionReader interface {
	// FindSession returns the session of that digest with its account, except
	// MustEnrol. It returns NotFound if either does not exist.
	FindSession(ctx context.Context, digest string) (SignedIn, error)
	// FindSignedIn returns an account as FindSession does, without a session, or
	// NotFound.
	FindSignedIn(ctx context.Context, account int64) (SignedIn, error)
	// ListSessions returns the sessions of an account that end after now, most
	// recently used first.
	ListSessions(ctx context.Context, account int64, now time.Time) ([]Session, error)
	// BarredAccounts returns up to 100 ids of accounts that have sessions but do
	// not exist, are not active, or are not staff.
	BarredAccounts(ctx context.Context) ([]int64, error)
	// CountUses returns the uses of a counter in the window that is open at that
	// time, 0 without one.
	CountUses(ctx context.Context, key string, now time.Time) (int64, error)
}

// TokenOwner is an API token with its account, and the permissions of the account
// and its groups.
type TokenOwner struct {
	Token       APIToken
	Account     Account
	Permissions []access.Permission
}

// TokenReader reads API tokens.
type TokenReader interface {
	// FindAPIToken returns the token of that digest with its account and the
	// permissions of the account and its groups. It returns NotFound if either
	// does not exist.
	FindAPIToken(ctx context.Context, digest string) (TokenOwner, error)
	// ListAPITokens returns up to 1000 tokens, newest first: those of an account,
	// or of all accounts for 0.
	ListAPITokens(ctx context.Context, account int64) ([]APIToken, error)
}

// PasskeyReader reads passkeys.
type PasskeyReader interface {
	// FindPasskey returns the passkey of that credential ID, or NotFound.
	FindPasskey(ctx context.Context, credential []byte) (Passkey, error)
	// ListPasskeys returns the passkeys of an account, oldest first.
	ListPasskeys(ctx context.Context, account int64) ([]Passkey, error)
}

// Tx is a transaction. It is not safe for concurrent use and must not outlive
// its function. Rows that were read do not change until the transaction ends.
type Tx interface {
	audit.Recorder
	AccountTx
	GroupTx
	SessionTx
	FactorTx
	TokenTx
	PasskeyTx
	IdentityTx
	SigningKeyTx
}

// AccountTx changes accounts.
type AccountTx interface {
	// FindAccount returns an account and its holdings.
	FindAccount(id int64) (Account, Holdings, error)
	// TakenUsername reports whether an account other than except has the name.
	TakenUsername(username string, except int64) (bool, error)
	// TakenEmail reports whether an account has the address, in any case.
	TakenEmail(email string) (bool, error)
	// InsertAccount stores a new account, without holdings, and returns its id.
	InsertAccount(a Account) (int64, error)
	// UpdateAccount stores every field of a but its language, by its id.
	UpdateAccount(a Account) error
	// DeleteAccount deletes an account with its holdings, sessions, identities,
	// second factors and, as Django does, its rows in django_admin_log.
	DeleteAccount(id int64) error
	// SetPermissions replaces the account's own permissions by those in the
	// list that exist.
	SetPermissions(id int64, permissions []access.Permission) error
	// SetGroups replaces the account's groups, which must exist.
	SetGroups(id int64, groups []int64) error
	// SetLanguage stores the language of an account, "" for none.
	SetLanguage(id int64, code string) error
	// CountOtherSuperusers returns the number of active staff superusers other
	// than the account, and prevents it from decreasing until the transaction
	// ends.
	CountOtherSuperusers(except int64) (int64, error)
}

// GroupTx changes groups.
type GroupTx interface {
	// FindGroups returns the groups that exist.
	FindGroups(ids []int64) ([]Group, error)
	// FindGroupsNamed returns the groups with these names, exactly as written.
	FindGroupsNamed(names []string) ([]Group, error)
	// TakenGroupName reports whether a group other than except has the name.
	TakenGroupName(name string, except int64) (bool, error)
	// InsertGroup stores a new group, without permissions, and returns its id.
	InsertGroup(g Group) (int64, error)
	// RenameGroup stores the name of g, by its id.
	RenameGroup(g Group) error
	// SetGroupPermissions replaces the group's permissions by those in the list
	// that exist.
	SetGroupPermissions(id int64, permissions []access.Permission) error
	// DeleteGroup deletes a group and its memberships.
	DeleteGroup(id int64) error
	// KnownPermissions returns the permissions that exist.
	KnownPermissions(permissions []access.Permission) ([]access.Permission, error)
}

// SessionTx changes sessions.
type SessionTx interface {
	// InsertSession stores a new session under the digest. s.ID is ignored.
	InsertSession(digest string, s Session) error
	// FindSession returns the session of that digest.
	FindSession(digest string) (Session, error)
	// UpdateSession stores SeenAt, EndsAt, ConfirmedAt, NeedsCode and RefreshID
	// of s, by its id. It does nothing if the session is gone.
	UpdateSession(s Session) error
	// Remark changes the mark of an account's sessions from old to mark.
	Remark(account int64, old, mark string) error
	// DeleteSessions deletes the chosen sessions of an account, and returns
	// their number.
	DeleteSessions(account int64, which SessionChoice) (int64, error)
	// CountUse counts a use of a key, and reports whether the rate allows it.
	CountUse(now time.Time, u Use) (bool, error)
	// DropCounter deletes a counter, and returns its uses.
	DropCounter(key string) (int64, error)
}

// SessionChoice selects sessions of an account.
type SessionChoice struct {
	Only   int64 // only this one, 0 for all
	Except int64 // all but this one, 0 for none
}

// FactorTx changes second factors.
type FactorTx interface {
	// FindFactor returns the second factor of an account, or NotFound.
	FindFactor(account int64) (Factor, error)
	// SaveFactor stores the second factor of an account, replacing any other.
	SaveFactor(account int64, f Factor) error
	// DeleteFactor deletes the second factor of an account, if it exists.
	DeleteFactor(account int64) error
}

// TokenTx changes API tokens.
type TokenTx interface {
	// InsertAPIToken stores a new token under the digest, and returns its id.
	InsertAPIToken(digest string, t APIToken) (int64, error)
	// FindAPITokenByID returns the token of that id, or NotFound.
	FindAPITokenByID(id int64) (APIToken, error)
	// CountAPITokens returns the number of tokens of an account.
	CountAPITokens(account int64) (int64, error)
	// DropAPITokens deletes the tokens of an account that expired before a time.
	DropAPITokens(account int64, before time.Time) error
	// UpdateAPIToken stores ExpiresAt, UsedAt and UsedFrom of t, by its id.
	UpdateAPIToken(t APIToken) error
	// DeleteAPIToken deletes a token, if it exists.
	DeleteAPIToken(id int64) error
}

// PasskeyTx changes passkeys.
type PasskeyTx interface {
	// FindPasskey returns the passkey of that credential ID, or NotFound.
	FindPasskey(credential []byte) (Passkey, error)
	// ListPasskeys returns the passkeys of an account, oldest first.
	ListPasskeys(account int64) ([]Passkey, error)
	// InsertPasskey stores a new passkey. k.ID is ignored.
	InsertPasskey(k Passkey) error
	// UpdatePasskey stores Name, UsedAt and the flags and counter of the
	// credential, by its id.
	UpdatePasskey(k Passkey) error
	// DeletePasskey deletes a passkey, if it exists.
	DeletePasskey(id int64) error
}

// SealedKey is a key that signs JSON Web Tokens, as it is stored.
type SealedKey struct {
	ID        string // 1 to 32 letters and digits
	Algorithm jwt.Algorithm
	Sealed    string    // encrypted with SECRET_KEY
	CreatedAt time.Time // UTC, whole microseconds
}

// SigningKeyReader reads the keys of JSON Web Tokens.
type SigningKeyReader interface {
	// ListSigningKeys returns up to 100 keys, newest first.
	ListSigningKeys(ctx context.Context) ([]SealedKey, error)
}

// SigningKeyTx changes the keys of JSON Web Tokens.
type SigningKeyTx interface {
	// ListSigningKeys returns up to 100 keys, newest first.
	ListSigningKeys() ([]SealedKey, error)
	// InsertSigningKey stores a new key.
	InsertSigningKey(k SealedKey) error
	// ResealSigningKey stores k.Sealed, by its id.
	ResealSigningKey(k SealedKey) error
	// DeleteSigningKey deletes a key, if it exists.
	DeleteSigningKey(id string) error
}
