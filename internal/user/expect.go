package user

import (
	"slices"
	"time"

	"roster/internal/fault"
)

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
