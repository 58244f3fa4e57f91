package user

import (
	"context"
	"time"

	"roster/internal/audit"
	"roster/internal/task"
)

// Store keeps users. Implementations are safe for concurrent use, and answer
// with errors of package fault: NotFound for a missing row, Unavailable or
// Full when storage cannot do it now.
type Store interface {
	// FindUser returns one user.
	FindUser(ctx context.Context, id int64) (User, error)
	// ListUsers returns up to limit of the users that q finds, ordered by its
	// Keys, after skipping offset of them. Absent values come before others, false
	// before true; texts are ordered by their code points, addresses by no more
	// than their first 200, and usernames and e-mails as their unique indexes are,
	// which may be by a collation in a table that Django made. Letters are the same
	// for a search when Unicode's simple case folding makes them so, but those of
	// ASCII as no other: é is the same as É, not as e nor as e with a combining
	// accent.
	ListUsers(ctx context.Context, q Query, offset int64, limit int) ([]User, error)
	// CountUsers returns the exact number of users that q finds.
	CountUsers(ctx context.Context, q Query) (int64, error)
	// LookUsers returns the users in w of those that q finds, as ListUsers does,
	// and counts up to w.Count of those that it would find whatever its IsActive.
	LookUsers(ctx context.Context, q Query, w Window) (Tally, []User, error)
	// CreatedSpan returns when the oldest and the newest user were created; two
	// zero times when there is none.
	CreatedSpan(ctx context.Context) (first, last time.Time, err error)
	// WalkUsers returns up to limit of the users that q finds whose ids are higher
	// than after and no higher than through, the lowest first.
	WalkUsers(ctx context.Context, q Query, after, through int64, limit int) ([]User, error)
	// CountActiveUsers returns the exact number of active users.
	CountActiveUsers(ctx context.Context) (int64, error)
	// CountCreated returns for each two consecutive of at most 400 limits, which
	// ascend, how many users there are that were created from the first on and
	// before the second.
	CountCreated(ctx context.Context, limits []time.Time) ([]int64, error)
	// Version returns a number that changes whenever anything was committed to
	// the storage, by this process or another; false when the storage cannot tell.
	// Whatever was read after a call of Version that returned v still holds while
	// Version returns v.
	Version(ctx context.Context) (v uint64, ok bool)
	// InTx runs fn in one transaction and returns after the commit is durable.
	// When fn returns an error nothing is kept and that error is returned. When
	// fn panics nothing is kept and the panic goes on. fn may be run more than
	// once, so it has no effects but on tx; it must not call InTx. Once begun it is
	// not cut short by ctx.
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is what can be done within one transaction. It is not safe for
// concurrent use and must not outlive its function.
type Tx interface {
	audit.Recorder
	task.Enqueuer
	// FindUser returns one user; NotFound when there is none.
	FindUser(id int64) (User, error)
	// TakenUser reports which of the two names another user than except has.
	// An empty name is not looked up.
	TakenUser(username, email string, except int64) (usernameTaken, emailTaken bool, err error)
	// InsertUser stores a new user and returns its id. u.ID is ignored.
	InsertUser(u User) (int64, error)
	// UpdateUser stores every field of after, found by its id; before is the row as it was.
	UpdateUser(before, after User) error
	// DeleteUser removes a row; before is the row as it was.
	DeleteUser(before User) error
	// FindKept returns the user that was kept under the key at oldest or later;
	// NotFound when there is none. What was kept before is forgotten.
	FindKept(key string, oldest time.Time) (User, error)
	// Keep stores u, as it was created at u.CreatedAt, under the key; Conflict
	// when one is kept under it.
	Keep(key string, u User) error
	// DropKept forgets some of what was kept before oldest, more than one Keep adds.
	DropKept(oldest time.Time) error
}
