package user

import (
	"context"
	"time"

	"roster/internal/audit"
	"roster/internal/task"
)

// Store stores users. Implementations are safe for concurrent use, and return
// errors of package fault: NotFound for a missing row, Unavailable or Full for
// temporary failures.
type Store interface {
	// FindUser returns one user.
	FindUser(ctx context.Context, id int64) (User, error)
	// ListUsers returns up to limit users that match q, ordered by its Keys,
	// after skipping offset. Absent values sort first, false before true; texts
	// sort by code point, addresses by at most their first 200, and usernames
	// and e-mails by their unique indexes, which may use a collation in a table
	// created by Django. In searches, letters match by Unicode's simple case
	// folding, ASCII letters only among themselves: é matches É, but neither e
	// nor e with a combining accent.
	ListUsers(ctx context.Context, q Query, offset int64, limit int) ([]User, error)
	// CountUsers returns the exact number of users that match q.
	CountUsers(ctx context.Context, q Query) (int64, error)
	// LookUsers returns the users in w of those that match q, like ListUsers,
	// and counts up to w.Count matches regardless of its IsActive.
	LookUsers(ctx context.Context, q Query, w Window) (Counts, []User, error)
	// CreatedSpan returns when the oldest and the newest user were created,
	// zero if there is none.
	CreatedSpan(ctx context.Context) (first, last time.Time, err error)
	// WalkUsers returns up to limit users that match q with ids greater than
	// after and at most through, in ascending order.
	WalkUsers(ctx context.Context, q Query, after, through int64, limit int) ([]User, error)
	// CountActiveUsers returns the exact number of active users.
	CountActiveUsers(ctx context.Context) (int64, error)
	// CountCreated returns for each pair of consecutive limits, at most 400 in
	// ascending order, the number of existing users created at or after the
	// first and before the second.
	CountCreated(ctx context.Context, limits []time.Time) ([]int64, error)
	// Version returns a number that changes whenever any process commits to the
	// storage; false if that cannot be detected. Data read after a call of
	// Version that returned v is valid as long as Version returns v.
	Version(ctx context.Context) (v uint64, ok bool)
	// InTx runs fn in one transaction and returns after the commit is durable.
	// If fn returns an error, the transaction is rolled back and the error
	// returned; if fn panics, it is rolled back and the panic continues. fn may
	// run more than once, so it must have no effects other than on tx; it must
	// not call InTx. Once started, it is not interrupted by ctx.
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is a transaction. It is not safe for concurrent use and must not outlive
// its function.
type Tx interface {
	audit.Recorder
	task.Enqueuer
	// FindUser returns a user, or NotFound.
	FindUser(id int64) (User, error)
	// TakenUser reports which of the two names are taken by a user other than
	// except. It ignores empty names.
	TakenUser(username, email string, except int64) (usernameTaken, emailTaken bool, err error)
	// InsertUser stores a new user and returns it as stored. u.ID is ignored.
	InsertUser(u User) (User, error)
	// UpdateUser stores every field of after, by its id, and returns the user as
	// stored. If updated_at is after that of before, the current row, it is also
	// stored as a later time, whatever the precision of its column.
	UpdateUser(before, after User) (User, error)
	// DeleteUsers deletes at most MaxBatch rows, given the current ones, with their
	// subscriptions, and moves all of it to the trash if the deletion says so. It
	// returns NotFound if one is missing, and Conflict if rows of another table keep
	// one of them.
	DeleteUsers(d Deletion, before ...User) error
	// Dependents returns the rows of other tables that refer to a user.
	Dependents(id int64) ([]Dependents, error)
	// FindKept returns the user stored under the key at or after oldest, or
	// NotFound. An older one is ignored.
	FindKept(key string, oldest time.Time) (User, error)
	// Keep stores u, as created at u.CreatedAt, under the key, or returns
	// Conflict if the key exists.
	Keep(key string, u User) error
}
