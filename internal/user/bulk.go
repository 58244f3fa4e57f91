package user

import (
	"context"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// MaxBatch is the maximum number of users per batch, which share one
// transaction that blocks others.
const MaxBatch = 500

// bulkReason is the reason in the audit trail for each user of a batch, after
// the reason that was given.
const bulkReason = "one of several that were changed at once"

// Batch selects users: those in IDs, at most MaxBatch, or without IDs the first
// MaxBatch that match Query, by id.
type Batch struct {
	IDs   []int64
	Query Query // its Order is ignored
	// After and Through bound the ids: greater than After, at most Through.
	After, Through int64
}

// Step is the result of a batch.
type Step struct {
	Changed int     // users changed or deleted
	IDs     []int64 // of those
	Skipped int     // users already in that state, deleted, or changed concurrently
	Last    int64   // After of the next batch; 0 if none is left
}

// Extent returns how many users match q, and their highest id, which bounds the
// batches so that users added later are not affected.
func (u *Users) Extent(ctx context.Context, actor access.Actor, q Query) (count, through int64, err error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return 0, 0, err
	}
	q.Order = "-id"
	last, err := u.store.ListUsers(ctx, q, 0, 1)
	if err != nil || len(last) == 0 {
		return 0, 0, err
	}
	count, err = u.store.CountUsers(ctx, q)
	return count, last[0].ID, err
}

// Walk calls fn for every user that matches q, by id, until fn returns an
// error. It holds no locks: concurrent changes may or may not be visible.
func (u *Users) Walk(ctx context.Context, actor access.Actor, q Query, fn func(*User) error) error {
	_, through, err := u.Extent(ctx, actor, q)
	for after := int64(0); err == nil && after < through; {
		var users []User
		if users, err = u.store.WalkUsers(ctx, q, after, through, MaxBatch); err != nil || len(users) == 0 {
			break
		}
		for i := range users {
			if err := fn(&users[i]); err != nil {
				return err
			}
		}
		after = users[len(users)-1].ID
	}
	return err
}

// SetActive activates or deactivates the users of a batch, all or none, each
// with an audit entry.
func (u *Users) SetActive(ctx context.Context, actor access.Actor, b Batch, active bool) (Step, error) {
	if err := actor.Check(access.ChangeUser); err != nil {
		return Step{}, err
	}
	return u.inBatch(ctx, b, func(tx Tx, all []User) (changed []User, err error) {
		for _, before := range all {
			if before.IsActive == active {
				continue
			}
			after := before
			after.IsActive = active
			if after, err = tx.UpdateUser(before, u.touched(after)); err != nil {
				return nil, err
			}
			if err := tx.Record(oneOfSeveral(entry(after.UpdatedAt, actor, &before, &after))); err != nil {
				return nil, err
			}
			changed = append(changed, after)
		}
		return changed, nil
	})
}

// DeleteBatch deletes the users of a batch, all or none, each with an audit
// entry.
func (u *Users) DeleteBatch(ctx context.Context, actor access.Actor, b Batch) (Step, error) {
	if err := actor.Check(access.DeleteUser); err != nil {
		return Step{}, err
	}
	d := u.deletion(actor)
	return u.inBatch(ctx, b, func(tx Tx, before []User) ([]User, error) {
		if err := tx.DeleteUsers(d, before...); err != nil {
			return nil, err
		}
		for i := range before {
			if err := tx.Record(oneOfSeveral(entry(d.At, actor, &before[i], nil))); err != nil {
				return nil, err
			}
		}
		return before, nil
	})
}

func oneOfSeveral(e audit.Entry) audit.Entry {
	if e.Reason != "" {
		e.Reason += ": "
	}
	e.Reason += bulkReason
	return e
}

// inBatch calls do for the users of a batch in one transaction, without those that
// changed since the batch was selected. do returns the users that it changed.
func (u *Users) inBatch(ctx context.Context, b Batch, do func(Tx, []User) ([]User, error)) (step Step, err error) {
	found, gone, err := u.members(ctx, b)
	if err != nil || len(found) == 0 {
		return Step{Skipped: gone}, err
	}
	err = u.write(ctx, func(tx Tx) error {
		same, err := unchanged(tx, found)
		if err != nil {
			return err
		}
		changed, err := do(tx, same)
		step = Step{Changed: len(changed), Skipped: gone + len(found) - len(changed)}
		for i := range changed {
			step.IDs = append(step.IDs, changed[i].ID)
		}
		return err
	})
	if err != nil {
		return Step{}, err
	}
	if len(b.IDs) == 0 && len(found) == MaxBatch {
		step.Last = found[len(found)-1].ID
	}
	u.log.InfoContext(ctx, "users changed in a batch", "changed", step.Changed, "skipped", step.Skipped)
	return step, nil
}

// members returns the users of a batch, and the number of unknown ids.
func (u *Users) members(ctx context.Context, b Batch) (found []User, gone int, err error) {
	if len(b.IDs) == 0 {
		found, err = u.store.WalkUsers(ctx, b.Query, b.After, b.Through, MaxBatch)
		return found, 0, err
	}
	if len(b.IDs) > MaxBatch {
		return nil, 0, fault.New(fault.Invalid, "There are too many users in this batch.")
	}
	for _, id := range b.IDs {
		one, err := u.store.FindUser(ctx, id)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			gone++
		case err != nil:
			return nil, 0, err
		default:
			found = append(found, one)
		}
	}
	return found, gone, nil
}

// unchanged returns the users that are as they were seen.
func unchanged(tx Tx, seen []User) (same []User, err error) {
	for i := range seen {
		now, err := tx.FindUser(seen[i].ID)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		if err == nil && now == seen[i] {
			same = append(same, now)
		}
	}
	return same, nil
}
