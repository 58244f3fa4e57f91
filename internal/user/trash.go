package user

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
)

// Deletion says who deletes users, and whether they are kept in the trash.
type Deletion struct {
	Keep    bool
	At      time.Time
	ActorID int64 // as in audit.Entry
	Actor   string
	Door    access.Door
	Reason  string
}

// deletion returns a deletion by an actor now.
func (u *Users) deletion(actor access.Actor) Deletion {
	return Deletion{
		Keep: u.keeps, At: u.stamp(), ActorID: actor.ID(), Actor: actor.Name(), Door: actor.Origin().Door, Reason: actor.Reason(),
	}
}

// KeepDeleted makes deletions move users to the trash. Call it once, before all other
// methods.
func (u *Users) KeepDeleted() { u.keeps = true }

// Trashed is a deleted user.
type Trashed struct {
	ID                                   int64 // of the user
	Username, Email, FirstName, LastName string
	Deletion

	// NewUsername and NewEmail replace the names of a user that is restored; "" keeps
	// them.
	NewUsername, NewEmail string
}

// Object returns the user's object in the audit trail.
func (t Trashed) Object() audit.Object { return User{ID: t.ID, Username: t.Username}.Object() }

// TrashSearched is the number of the last deleted users that a search looks at.
const TrashSearched = 20_000

// TrashStore stores deleted users. Implementations are like those of Store.
type TrashStore interface {
	// ListTrash returns up to limit users whose names contain the words of a search,
	// the last deleted first, after skipping offset. A search looks at the last
	// TrashSearched.
	ListTrash(ctx context.Context, search string, offset int64, limit int) ([]Trashed, error)
	// CountTrash returns the number of users that ListTrash finds.
	CountTrash(ctx context.Context, search string) (int64, error)
	// FindTrashed returns a deleted user, or NotFound.
	FindTrashed(ctx context.Context, id int64) (Trashed, error)
	// InTrashTx runs fn in one transaction, as Store says of InTx.
	InTrashTx(ctx context.Context, fn func(tx TrashTx) error) error
}

// TrashTx is a transaction on deleted users.
type TrashTx interface {
	audit.Recorder
	// FindUser returns a user, or NotFound.
	FindUser(id int64) (User, error)
	// TakenUser is that of Tx.
	TakenUser(username, email string, except int64) (usernameTaken, emailTaken bool, err error)
	// FindTrashed returns a deleted user, or NotFound.
	FindTrashed(id int64) (Trashed, error)
	// RestoreUser moves a deleted user back, with every column and the subscription,
	// and returns it as stored. It returns Conflict if another user has its id or one
	// of its names.
	RestoreUser(t Trashed) (User, error)
	// OldTrash returns up to limit users that were deleted at or before that time.
	OldTrash(before time.Time, limit int) ([]Trashed, error)
	// PurgeTrash deletes users for good.
	PurgeTrash(ids ...int64) error
}

// Trash manages deleted users. Every method checks the actor, and is safe for
// concurrent use.
type Trash struct {
	store TrashStore
	users *Users // validates
	now   func() time.Time
	log   *slog.Logger
}

// NewTrash returns the service on that store. now is the clock.
func NewTrash(store TrashStore, users *Users, now func() time.Time, log *slog.Logger) *Trash {
	return &Trash{store: store, users: users, now: now, log: log}
}

// List returns up to limit deleted users that match a search, the last deleted first,
// after skipping offset.
func (t *Trash) List(ctx context.Context, actor access.Actor, search string, offset int64, limit int) ([]Trashed, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return nil, err
	}
	return t.store.ListTrash(ctx, search, offset, limit)
}

// Count returns the number of deleted users that match a search.
func (t *Trash) Count(ctx context.Context, actor access.Actor, search string) (int64, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return 0, err
	}
	return t.store.CountTrash(ctx, search)
}

// Find returns a deleted user, or NotFound.
func (t *Trash) Find(ctx context.Context, actor access.Actor, id int64) (Trashed, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Trashed{}, err
	}
	return t.store.FindTrashed(ctx, id)
}

// Restore brings a deleted user back with its id, every column, and its subscription.
// The input may have another username and email. It returns NotFound if the user is
// not in the trash, Invalid with an error of the field if a name is taken, or Conflict
// if the id is. It requires the permission to add users.
func (t *Trash) Restore(ctx context.Context, actor access.Actor, id int64, in form.Input) (User, error) {
	if err := actor.Check(access.AddUser); err != nil {
		return User{}, err
	}
	names, err := t.names(in)
	if err != nil {
		return User{}, err
	}
	var restored User
	err = t.write(ctx, func(tx TrashTx) (err error) {
		restored, err = t.restore(tx, actor, id, names)
		return err
	})
	if err != nil {
		return User{}, err
	}
	t.log.InfoContext(ctx, "user restored", "id", id, "actor", actor.Name())
	return restored, nil
}

// names returns the new names in an input.
func (t *Trash) names(in form.Input) (names User, err error) {
	given := form.Input{}
	for _, name := range []string{"username", "email"} {
		if value, ok := in[name]; ok {
			given[name] = value
		}
	}
	change, faults := t.users.validate(given, form.Partial)
	return change.Values, faults.Err()
}

// errIDTaken is returned if another program has added a user with the id.
var errIDTaken = fault.New(fault.Conflict, "Another user has the id of this user.")

// restore restores a user in a transaction.
func (t *Trash) restore(tx TrashTx, actor access.Actor, id int64, names User) (User, error) {
	trashed, err := tx.FindTrashed(id)
	if err != nil {
		return User{}, err
	}
	if _, err := tx.FindUser(id); fault.KindOf(err) != fault.NotFound {
		return User{}, cmp.Or(err, errIDTaken)
	}
	trashed.NewUsername, trashed.NewEmail = names.Username, names.Email
	username, email := cmp.Or(names.Username, trashed.Username), cmp.Or(names.Email, trashed.Email)
	usernameTaken, emailTaken, err := tx.TakenUser(username, email, id)
	if err != nil {
		return User{}, err
	}
	if err := taken(usernameTaken, emailTaken).Err(); err != nil {
		return User{}, err
	}
	restored, err := tx.RestoreUser(trashed)
	if err != nil {
		return User{}, err
	}
	return restored, tx.Record(audit.NewEntry(t.stamp(), actor, audit.Restore, restored.Object(), renamed(trashed, &restored)))
}

// renamed returns the names that a restored user has not had before.
func renamed(before Trashed, after *User) (changes []audit.Change) {
	if before.Username != after.Username {
		changes = append(changes, audit.Change{Field: "username", Old: before.Username, New: after.Username})
	}
	if before.Email != after.Email {
		changes = append(changes, audit.Change{Field: "email", Old: before.Email, New: after.Email})
	}
	return changes
}

// RestoreBatch restores the users with these ids, at most MaxBatch, each with an audit
// entry. It skips those that are not in the trash, or whose id or names are taken.
func (t *Trash) RestoreBatch(ctx context.Context, actor access.Actor, ids []int64) (step Step, err error) {
	return t.each(ctx, actor, access.AddUser, ids, func(tx TrashTx, id int64) error {
		_, err := t.restore(tx, actor, id, User{})
		return err
	})
}

// PurgeBatch deletes the users with these ids, at most MaxBatch, for good, each with an
// audit entry. It skips those that are not in the trash. It requires the permission to
// delete users.
func (t *Trash) PurgeBatch(ctx context.Context, actor access.Actor, ids []int64) (step Step, err error) {
	return t.each(ctx, actor, access.DeleteUser, ids, func(tx TrashTx, id int64) error {
		trashed, err := tx.FindTrashed(id)
		if err != nil {
			return err
		}
		return t.purge(tx, actor, trashed)
	})
}

// each calls do for every user in one transaction, and skips those for which it
// returns NotFound, Conflict or Invalid.
func (t *Trash) each(ctx context.Context, actor access.Actor, needs access.Permission, ids []int64, do func(TrashTx, int64) error) (step Step, err error) {
	if err := actor.Check(needs); err != nil {
		return Step{}, err
	}
	if len(ids) > MaxBatch {
		return Step{}, fault.New(fault.Invalid, "There are too many users in this batch.")
	}
	err = t.write(ctx, func(tx TrashTx) error {
		step = Step{}
		for _, id := range ids {
			switch err := do(tx, id); fault.KindOf(err) {
			case fault.NotFound, fault.Conflict, fault.Invalid:
				step.Skipped++
			default:
				if err != nil {
					return err
				}
				step.Changed++
				step.IDs = append(step.IDs, id)
			}
		}
		return nil
	})
	if err != nil {
		return Step{}, err
	}
	t.log.InfoContext(ctx, "trash changed in a batch", "changed", step.Changed, "skipped", step.Skipped, "actor", actor.Name())
	return step, nil
}

// Purge deletes up to limit users that were deleted at or before that time for good, each
// with an audit entry, and returns their number. It requires the permission to delete
// users.
func (t *Trash) Purge(ctx context.Context, actor access.Actor, before time.Time, limit int) (n int64, err error) {
	if err := actor.Check(access.DeleteUser); err != nil {
		return 0, err
	}
	err = t.store.InTrashTx(ctx, func(tx TrashTx) error {
		old, err := tx.OldTrash(before, limit)
		n = int64(len(old))
		if err != nil {
			return err
		}
		return t.purge(tx, actor, old...)
	})
	return n, err
}

// Empty deletes all users that were deleted at or before that time for good, as Purge does,
// in batches, and returns their number.
func (t *Trash) Empty(ctx context.Context, actor access.Actor, before time.Time) (purged int64, err error) {
	for {
		n, err := t.Purge(ctx, actor, before, MaxBatch)
		if purged += n; err != nil || n == 0 {
			return purged, err
		}
	}
}

// purge deletes users of the trash for good.
func (t *Trash) purge(tx TrashTx, actor access.Actor, users ...Trashed) error {
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
		if err := tx.Record(audit.NewEntry(t.stamp(), actor, audit.Purge, u.Object(), nil)); err != nil {
			return err
		}
	}
	return tx.PurgeTrash(ids...)
}

// write runs fn in a transaction, and again after a Conflict, as Users does.
func (t *Trash) write(ctx context.Context, fn func(TrashTx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := t.store.InTrashTx(ctx, fn)
	if fault.KindOf(err) == fault.Conflict {
		return t.store.InTrashTx(ctx, fn)
	}
	return err
}

// Now returns the time of the clock.
func (t *Trash) Now() time.Time { return t.now() }

func (t *Trash) stamp() time.Time { return t.now().UTC().Truncate(time.Microsecond) }
