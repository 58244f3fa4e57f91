package user

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task"
)

// Users manages users. Every method checks the actor, and is safe for
// concurrent use. Every change writes an entry to the audit trail.
type Users struct {
	store      Store
	now        func() time.Time
	log        *slog.Logger
	statistics *statisticsCache
	slow       *slowCount
	limits     Limits                       // of the database, see Within
	created    func(User) (task.New, error) // returns the task caused by a create; may be nil

	keeps bool // see KeepDeleted

	expected []string // see Expecting; nil means any
}

// NewUsers returns the service on that store. now is the clock; log records
// every create, update and delete, without personal data.
func NewUsers(store Store, now func() time.Time, log *slog.Logger) *Users {
	return &Users{store: store, now: now, log: log, statistics: newStatisticsCache(), slow: &slowCount{}}
}

// AfterCreate makes each create store the task returned by work, in the same
// transaction. Call it once, before all other methods.
func (u *Users) AfterCreate(work func(User) (task.New, error)) { u.created = work }

// Find returns a user, or NotFound.
func (u *Users) Find(ctx context.Context, actor access.Actor, id int64) (User, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return User{}, err
	}
	return u.store.FindUser(ctx, id)
}

// Exists returns nil if the user exists, or NotFound. The actor must be allowed
// to change it.
func (u *Users) Exists(ctx context.Context, actor access.Actor, id int64) error {
	if err := actor.Check(access.ChangeUser); err != nil {
		return err
	}
	_, err := u.store.FindUser(ctx, id)
	return err
}

// CountActive returns the exact number of active users.
func (u *Users) CountActive(ctx context.Context, actor access.Actor) (int64, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return 0, err
	}
	return u.store.CountActiveUsers(ctx)
}

// Version returns a number that changes with every commit, see Store.Version;
// false also for an actor who may not view users, so that cached data of others
// is not shown to them.
func (u *Users) Version(ctx context.Context, actor access.Actor) (uint64, bool) {
	if !actor.Can(access.ViewUser) {
		return 0, false
	}
	return u.store.Version(ctx)
}

// Create adds a user; is_active defaults to true. Invalid input returns an
// Invalid error with all field errors in the order of Fields. If the same user
// is created concurrently, one call gets that error.
func (u *Users) Create(ctx context.Context, actor access.Actor, in form.Input) (User, error) {
	if err := actor.Check(access.AddUser); err != nil {
		return User{}, err
	}
	c := creation{users: u, actor: actor}
	c.change, c.faults = u.validate(in, form.Create)
	if err := u.write(ctx, c.insert); err != nil {
		return User{}, err
	}
	u.log.InfoContext(ctx, "user created", "id", c.created.ID, "actor", actor.Name())
	return c.created, nil
}

// Update changes a user. It returns NotFound, Invalid as for Create, or
// Outdated, see Expecting. updated_at always increases, even if nothing else
// changes; the audit trail only records actual changes.
func (u *Users) Update(ctx context.Context, actor access.Actor, id int64, in form.Input, mode form.Mode) (User, error) {
	if err := actor.Check(access.ChangeUser); err != nil {
		return User{}, err
	}
	change, faults := u.validate(in, mode)
	var after User
	err := u.write(ctx, func(tx Tx) error {
		before, err := u.findExpected(tx, id)
		if err != nil {
			return err
		}
		if err := checkUnique(tx, change, id, faults); err != nil {
			return err
		}
		after = table.Apply(change, before)
		if after, err = tx.UpdateUser(before, u.touched(after)); err != nil {
			return err
		}
		if recorded := entry(after.UpdatedAt, actor, &before, &after); len(recorded.Changes) > 0 {
			return tx.Record(recorded)
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	u.log.InfoContext(ctx, "user updated", "id", id, "actor", actor.Name())
	return after, nil
}

// Delete deletes a user. It returns NotFound, also for a repeated call, or
// Outdated, see Expecting.
func (u *Users) Delete(ctx context.Context, actor access.Actor, id int64) error {
	_, err := u.DeleteIf(ctx, actor, id, func(User) bool { return true })
	return err
}

// DeleteIf deletes a user if the condition holds in the same transaction, and
// reports whether it did, or returns NotFound.
func (u *Users) DeleteIf(ctx context.Context, actor access.Actor, id int64, holds func(User) bool) (deleted bool, err error) {
	if err := actor.Check(access.DeleteUser); err != nil {
		return false, err
	}
	err = u.write(ctx, func(tx Tx) error {
		before, err := u.findExpected(tx, id)
		if err != nil {
			return err
		}
		if deleted = holds(before); !deleted {
			return nil
		}
		if err := tx.DeleteUsers(u.deletion(actor), before); err != nil {
			return err
		}
		return tx.Record(entry(u.stamp(), actor, &before, nil))
	})
	if err != nil {
		return false, err
	}
	if deleted {
		u.log.InfoContext(ctx, "user deleted", "id", id, "actor", actor.Name())
	}
	return deleted, nil
}

// errOutdated is returned if the record changed since it was read.
var errOutdated = fault.New(fault.Outdated, "The user was changed in the meantime.")

// Expecting returns a copy of the service for a caller who has seen the user
// with one of these values of updated_at: Update and Delete return Outdated,
// and change nothing, if the user has another one. Without values they always
// do.
func (u *Users) Expecting(versions ...string) *Users {
	same := *u
	same.expected = append([]string{}, versions...)
	return &same
}

// findExpected returns the user for a change, if it has an expected version.
func (u *Users) findExpected(tx Tx, id int64) (User, error) {
	found, err := tx.FindUser(id)
	if err == nil && u.expected != nil && !slices.Contains(u.expected, found.Version()) {
		err = errOutdated
	}
	return found, err
}

// write runs fn in a transaction, and retries once if a unique key was violated
// although the check had found the name free: another request was faster, and
// the second check reports it for the right field. It does not stop when ctx is
// canceled: the request was complete, and clients may half-close their
// connection.
func (u *Users) write(ctx context.Context, fn func(Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := u.store.InTx(ctx, fn)
	if fault.KindOf(err) == fault.Conflict {
		return u.store.InTx(ctx, fn)
	}
	return err
}

// stamp returns the current time as it is stored.
func (u *Users) stamp() time.Time { return u.now().UTC().Truncate(time.Microsecond) }

// touched returns a user to be stored now. Times that cannot be read are
// replaced: the creation by the last change, or by now.
func (u *Users) touched(user User) User {
	before := user.UpdatedAt
	user.UpdatedAt = later(u.stamp(), before)
	if user.CreatedAt.IsZero() {
		user.CreatedAt = before
	}
	if user.CreatedAt.IsZero() {
		user.CreatedAt = user.UpdatedAt
	}
	user.Unreadable = Unreadable{}
	return user
}

// later returns t, or the first microsecond after before if the clock has not
// advanced.
func later(t, before time.Time) time.Time {
	if t.After(before) {
		return t
	}
	return before.Add(time.Microsecond)
}
