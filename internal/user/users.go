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

// Users is what can be done with users. Every method checks the actor, and is
// safe for concurrent use. Every change leaves an entry in the audit trail.
type Users struct {
	store   Store
	now     func() time.Time
	log     *slog.Logger
	figures *figuresCache
	tally   *keptTally
	created func(User) (task.New, error) // the work that a create causes; nil for none

	expected []time.Time // see Expecting; nil is any
}

// NewUsers returns the service on that store. now is the clock; log is told of
// every create, update and delete, without personal data.
func NewUsers(store Store, now func() time.Time, log *slog.Logger) *Users {
	return &Users{store: store, now: now, log: log, figures: newFiguresCache(), tally: &keptTally{}}
}

// AfterCreate has each create store the task that work returns, in the
// transaction of the create. It is called before all other methods, once.
func (u *Users) AfterCreate(work func(User) (task.New, error)) { u.created = work }

// Find returns one user: NotFound when there is none.
func (u *Users) Find(ctx context.Context, actor access.Actor, id int64) (User, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return User{}, err
	}
	return u.store.FindUser(ctx, id)
}

// Exists returns nil when there is such a user, for an actor who is about to
// change it: NotFound otherwise.
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

// Version returns a number that changes whenever anything was committed, as
// Store.Version does; false also for an actor who may not view users, so that
// nothing kept for others is shown to them.
func (u *Users) Version(ctx context.Context, actor access.Actor) (uint64, bool) {
	if !actor.Can(access.ViewUser) {
		return 0, false
	}
	return u.store.Version(ctx)
}

// Create adds a user; is_active is true unless the input says otherwise. An
// invalid input is an Invalid error with every field's faults in the order of
// Fields. Of two that create the same user at once one gets that error.
func (u *Users) Create(ctx context.Context, actor access.Actor, in form.Input) (User, error) {
	if err := actor.Check(access.AddUser); err != nil {
		return User{}, err
	}
	c := creation{users: u, actor: actor}
	c.change, c.faults = Validate(in, form.Create)
	if err := u.write(ctx, c.insert); err != nil {
		return User{}, err
	}
	u.log.InfoContext(ctx, "user created", "id", c.created.ID, "actor", actor.Name())
	return c.created, nil
}

// Update changes a user: NotFound when there is none, Invalid as for Create,
// Outdated as Expecting says.
// updated_at always grows, also when nothing else changes; the audit trail tells
// of it only when something does.
func (u *Users) Update(ctx context.Context, actor access.Actor, id int64, in form.Input, mode form.Mode) (User, error) {
	if err := actor.Check(access.ChangeUser); err != nil {
		return User{}, err
	}
	change, faults := Validate(in, mode)
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
		after.UpdatedAt = later(u.stamp(), before.UpdatedAt)
		if err := tx.UpdateUser(before, after); err != nil {
			return err
		}
		if told := entry(after.UpdatedAt, actor, &before, &after); len(told.Changes) > 0 {
			return tx.Record(told)
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	u.log.InfoContext(ctx, "user updated", "id", id, "actor", actor.Name())
	return after, nil
}

// Delete removes a user: NotFound when there is none, so a repeated call is
// NotFound; Outdated as Expecting says.
func (u *Users) Delete(ctx context.Context, actor access.Actor, id int64) error {
	_, err := u.DeleteIf(ctx, actor, id, func(User) bool { return true })
	return err
}

// DeleteIf removes a user for whom the condition holds, and reports whether it
// did; NotFound when there is none. The user does not change between the two.
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
		if err := tx.DeleteUser(before); err != nil {
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

// errOutdated is the answer to a change of what is not as its caller knows it.
var errOutdated = fault.New(fault.Outdated, "The user was changed in the meantime.")

// Expecting returns the same service for a caller who has seen the user: its
// Update and Delete answer Outdated, and change nothing, when the user's
// updated_at is none of these. Without any they always do.
func (u *Users) Expecting(updatedAt ...time.Time) *Users {
	same := *u
	same.expected = append([]time.Time{}, updatedAt...)
	return &same
}

// findExpected returns the user, for a change, if it is as the caller expects.
func (u *Users) findExpected(tx Tx, id int64) (User, error) {
	found, err := tx.FindUser(id)
	if err == nil && u.expected != nil && !slices.ContainsFunc(u.expected, found.UpdatedAt.Equal) {
		err = errOutdated
	}
	return found, err
}

// write runs fn in a transaction, and once more when a unique key was violated
// although the check had found the name free: somebody else was faster, and
// the second check says so on the right field. A caller who has gone does not
// stop it: the request was whole, and clients may close their half first.
func (u *Users) write(ctx context.Context, fn func(Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := u.store.InTx(ctx, fn)
	if fault.KindOf(err) == fault.Conflict {
		return u.store.InTx(ctx, fn)
	}
	return err
}

// stamp is the time as it is stored.
func (u *Users) stamp() time.Time { return u.now().UTC().Truncate(time.Microsecond) }

// later returns t, or the first microsecond after before when the clock has not moved on.
func later(t, before time.Time) time.Time {
	if t.After(before) {
		return t
	}
	return before.Add(time.Microsecond)
}
