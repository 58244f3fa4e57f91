package store

import (
	"database/sql/driver"
	"errors"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	// One row, whose columns are NULL for an empty name.
	takenUser = "SELECT" +
		" ? <> '' AND EXISTS (SELECT 1 FROM t_users WHERE username = ? AND id <> ?)," +
		" ? <> '' AND EXISTS (SELECT 1 FROM t_users WHERE email = ? AND id <> ?)"
)

// FindUser implements user.Tx.
func (t *tx) FindUser(id int64) (user.User, error) {
	var f found
	err := f.find(t, selectUser+t.forUpdate, id)
	return f.user, err
}

// TakenUser implements user.Tx. Names compare by the columns' collations, like
// the unique keys.
func (t *tx) TakenUser(username, email string, except int64) (usernameTaken, emailTaken bool, err error) {
	err = t.Query(takenUser, func(row []driver.Value) error {
		return sqldb.FirstError(sqldb.Scan(row, &usernameTaken, &emailTaken), sqldb.ErrEnough)
	}, username, username, except, email, email, except)
	return usernameTaken, emailTaken, err
}

// InsertUser implements user.Tx. It returns Conflict if another user has one of
// the names.
func (t *tx) InsertUser(u user.User) (user.User, error) {
	id, err := insert(t, insertUser, userValues(&u)...)
	if err != nil {
		return user.User{}, err
	}
	t.Changed(sqldb.Counts{1, flag(u.IsActive)})
	return t.stored(id, &u)
}

// UpdateUser implements user.Tx. It returns Conflict if another user has one of
// the names, or NotFound. A column of updated_at without fractions of a second
// goes to the next second.
func (t *tx) UpdateUser(before, after user.User) (user.User, error) {
	asked := after.UpdatedAt
	for _, step := range []time.Duration{0, time.Millisecond, time.Second} {
		if step > 0 {
			after.UpdatedAt = before.UpdatedAt.Add(step)
		}
		if _, err := change(t, updateUser, append(userValues(&after), after.ID)...); err != nil {
			return user.User{}, err
		}
		stored, err := t.stored(after.ID, &after)
		if err != nil {
			return user.User{}, err
		}
		if stored.UpdatedAt.After(before.UpdatedAt) || !asked.After(before.UpdatedAt) {
			t.Changed(sqldb.Counts{0, flag(after.IsActive) - flag(before.IsActive)})
			return stored, nil
		}
	}
	return user.User{}, sqldb.Unreadable("t_users.updated_at", errors.New("it does not increase"))
}

// stored returns a user that this transaction has written, or Invalid if the
// database did not keep a text.
func (t *tx) stored(id int64, written *user.User) (user.User, error) {
	var f found
	err := f.find(t, selectUser, id)
	if err == nil {
		err = checkStored(written, &f.user)
	}
	return f.user, err
}
