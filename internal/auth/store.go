package auth

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
)

// Store keeps staff accounts, groups and sessions. Implementations are safe for
// concurrent use, also by several processes, and answer with errors of package
// fault: NotFound for a missing row, Unavailable or Full when storage cannot do
// it now.
type Store interface {
	AccountReader
	GroupReader
	SessionReader
	// InAuthTx runs fn in one transaction, as user.Store says of InTx.
	InAuthTx(ctx context.Context, fn func(tx Tx) error) error
}

// AccountReader reads accounts.
type AccountReader interface {
	// FindAccount returns one account and what it was given.
	FindAccount(ctx context.Context, id int64) (Account, Holdings, error)
	// FindAccountNamed returns the account of exactly that username.
	FindAccountNamed(ctx context.Context, username string) (Account, error)
	// ListAccounts returns up to limit of the accounts that q finds, after skipping
	// offset of them, ordered by username and id.
	ListAccounts(ctx context.Context, q AccountQuery, offset int64, limit int) ([]Account, error)
	// CountAccounts returns how many accounts q finds.
	CountAccounts(ctx context.Context, q AccountQuery) (int64, error)
}

// AccountQuery finds accounts. The zero AccountQuery finds all.
type AccountQuery struct {
	Search      string // part of username, e-mail, first or last name; case of ASCII letters makes no difference
	IsActive    *bool  // nil: either; so are the next two
	IsStaff     *bool
	IsSuperuser *bool
	Group       int64 // members of this group alone, 0 for everybody
	// Holds is a permission that they hold, as superusers, by a group or as their
	// own, or would hold if they were active; "" for everybody.
	Holds access.Permission
}

// GroupReader reads groups and permissions.
type GroupReader interface {
	// FindGroup returns one group.
	FindGroup(ctx context.Context, id int64) (Group, error)
	// ListGroups returns all groups, ordered by name.
	ListGroups(ctx context.Context) ([]Group, error)
	// ListPermissions returns all permissions there are, in Django's order: by
	// application, model and codename.
	ListPermissions(ctx context.Context) ([]PermissionRow, error)
}

// SessionReader reads sessions.
type SessionReader interface {
	// FindSession returns the session of that digest with its account, all but
	// MustEnrol; NotFound when either is not there.
	FindSession(ctx context.Context, digest string) (SignedIn, error)
	// ListSessions returns the sessions of an account that end after now, the
	// latest used first.
	ListSessions(ctx context.Context, account int64, now time.Time) ([]Session, error)
}

// Tx is what can be done within one transaction. It is not safe for concurrent
// use and must not outlive its function. What is read stays as it is until the
// transaction ends.
type Tx interface {
	audit.Recorder
	AccountTx
	GroupTx
	SessionTx
	FactorTx
}

// AccountTx changes accounts.
type AccountTx interface {
	// FindAccount returns one account and what it was given.
	FindAccount(id int64) (Account, Holdings, error)
	// TakenUsername reports whether another account than except has the name.
	TakenUsername(username string, except int64) (bool, error)
	// InsertAccount stores a new account, without holdings, and returns its id.
	InsertAccount(a Account) (int64, error)
	// UpdateAccount stores every field of a, found by its id.
	UpdateAccount(a Account) error
	// DeleteAccount removes an account with its holdings, sessions, second factor
	// and, as Django does, its lines in django_admin_log.
	DeleteAccount(id int64) error
	// SetPermissions replaces the account's own permissions by those of the list
	// that exist.
	SetPermissions(id int64, permissions []access.Permission) error
	// SetGroups replaces the account's groups, which must exist.
	SetGroups(id int64, groups []int64) error
	// CountOtherSuperusers returns how many active staff superusers there are beside
	// one account, and keeps others from becoming fewer until the transaction ends.
	CountOtherSuperusers(except int64) (int64, error)
}

// GroupTx changes groups.
type GroupTx interface {
	// FindGroups returns those of the groups that exist.
	FindGroups(ids []int64) ([]Group, error)
	// TakenGroupName reports whether another group than except has the name.
	TakenGroupName(name string, except int64) (bool, error)
	// InsertGroup stores a new group, without permissions, and returns its id.
	InsertGroup(g Group) (int64, error)
	// RenameGroup stores the name of g, found by its id.
	RenameGroup(g Group) error
	// SetGroupPermissions replaces the group's permissions by those of the list
	// that exist.
	SetGroupPermissions(id int64, permissions []access.Permission) error
	// DeleteGroup removes a group, and everybody from it.
	DeleteGroup(id int64) error
	// KnownPermissions returns those of the permissions that exist.
	KnownPermissions(permissions []access.Permission) ([]access.Permission, error)
}

// SessionTx changes sessions.
type SessionTx interface {
	// InsertSession stores a new session under the digest. s.ID is ignored.
	InsertSession(digest string, s Session) error
	// FindSession returns the session of that digest.
	FindSession(digest string) (Session, error)
	// UpdateSession stores SeenAt, EndsAt, ConfirmedAt and NeedsCode of s, found by
	// its id; nothing happens when it is gone.
	UpdateSession(s Session) error
	// Remark gives the sessions of an account whose mark is old the mark instead.
	Remark(account int64, old, mark string) error
	// DeleteSessions removes the sessions of an account that the choice names, and
	// returns how many there were.
	DeleteSessions(account int64, which SessionChoice) (int64, error)
	// DropEnded removes some of the sessions that ended before now, more than one
	// login adds.
	DropEnded(now time.Time) error
}

// SessionChoice names sessions of an account.
type SessionChoice struct {
	Only   int64 // this one, 0 for all
	Except int64 // all but this one, 0 for none
}

// FactorTx changes second factors.
type FactorTx interface {
	// FindFactor returns the second factor of an account; NotFound when it has none.
	FindFactor(account int64) (Factor, error)
	// SaveFactor stores the second factor of an account in the place of any other.
	SaveFactor(account int64, f Factor) error
	// DeleteFactor removes the second factor of an account, if there is one.
	DeleteFactor(account int64) error
}
