package store

import (
	"database/sql/driver"

	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	deleteUser = "DELETE FROM t_users WHERE id = ?"

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
		usernameTaken, emailTaken = sqldb.IsTrue(row[0]), sqldb.IsTrue(row[1])
		return sqldb.ErrEnough
	}, username, username, except, email, email, except)
	return usernameTaken, emailTaken, err
}

// InsertUser implements user.Tx. It returns Conflict if another user has one of
// the names.
func (t *tx) InsertUser(u user.User) (int64, error) {
	id, err := insert(t, insertUser, userValues(&u)...)
	if err == nil {
		t.Changed(sqldb.Counts{1, flag(u.IsActive)})
	}
	return id, err
}

// UpdateUser implements user.Tx. It returns Conflict if another user has one of
// the names, or NotFound.
func (t *tx) UpdateUser(before, after user.User) error {
	return t.changeUser(sqldb.Counts{0, flag(after.IsActive) - flag(before.IsActive)}, updateUser,
		append(userValues(&after), after.ID)...)
}

// DeleteUser implements user.Tx. It returns NotFound if there is no such row.
func (t *tx) DeleteUser(before user.User) error {
	return t.changeUser(sqldb.Counts{-1, -flag(before.IsActive)}, deleteUser, before.ID)
}

// changeUser runs a statement that changes one user, and records the change of
// the counts.
func (t *tx) changeUser(counts sqldb.Counts, statement string, args ...driver.Value) error {
	rows, err := change(t, statement, args...)
	if err == nil && rows == 0 {
		err = errNotFound
	}
	if err == nil {
		t.Changed(counts)
	}
	return err
}
