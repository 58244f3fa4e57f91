package user

import (
	"context"

	"roster/internal/access"
)

// Effect is what happens to a row that refers to a user when the user is
// deleted.
type Effect int

// The effects.
const (
	Blocks  Effect = iota // the user cannot be deleted
	Deleted               // the row is deleted too
	Cleared               // the row no longer refers to a user
)

// Dependents are rows of a table that refer to a user, by a foreign key.
type Dependents struct {
	Table  string
	Rows   int64
	More   bool // there are more rows
	Effect Effect
}

// Dependents returns the rows of other tables that refer to a user. The actor
// must be allowed to view it.
func (u *Users) Dependents(ctx context.Context, actor access.Actor, id int64) (found []Dependents, err error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return nil, err
	}
	err = u.store.InTx(ctx, func(tx Tx) error {
		found, err = tx.Dependents(id)
		return err
	})
	return found, err
}
