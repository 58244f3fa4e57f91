package store

import (
	"database/sql/driver"
	"fmt"

	"roster/internal/fault"
	"roster/internal/user"
)

const (
	insertUser = "INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updateUser = "UPDATE t_users SET username = ?, email = ?, first_name = ?, last_name = ?, phone = ?, address = ?, is_active = ?," +
		" created_at = ?, updated_at = ? WHERE id = ?"
	deleteUser = "DELETE FROM t_users WHERE id = ?"

	// One row, whose columns are NULL where an empty name is not looked up.
	takenUser = "SELECT" +
		" ? <> '' AND EXISTS (SELECT 1 FROM t_users WHERE username = ? AND id <> ?)," +
		" ? <> '' AND EXISTS (SELECT 1 FROM t_users WHERE email = ? AND id <> ?)"
)

// longRow is from how many bytes on a row counts as two towards the next checkpoint.
const longRow = 16 << 10

// errTxOver is what a Tx answers after its function has returned.
var errTxOver = fault.Wrap(fault.Internal, "The database failed.", fmt.Errorf("the transaction is over"))

// tx is a user.Tx on the writer's connection.
type tx struct {
	conn *conn
	// changes counts rows inserted less rows deleted, of all and of active users.
	changes counts
	rows    int // rows written
	// failed is the first error after which SQLite may have rolled the whole
	// transaction back. Nothing is done after it.
	failed error
}

// FindUser implements user.Tx.
func (t *tx) FindUser(id int64) (u user.User, err error) {
	err = t.do(func() error {
		u, err = findUser(t.conn, id)
		return err
	})
	return u, err
}

// TakenUser implements user.Tx.
func (t *tx) TakenUser(username, email string, except int64) (usernameTaken, emailTaken bool, err error) {
	err = t.do(func() error {
		return t.conn.query(takenUser, func(row []driver.Value) error {
			usernameTaken, emailTaken = isTrue(row[0]), isTrue(row[1])
			return errEnough
		}, username, username, except, email, email, except)
	})
	return usernameTaken, emailTaken, err
}

// InsertUser implements user.Tx. The error is of kind Conflict when another
// user has one of the names.
func (t *tx) InsertUser(u user.User) (id int64, err error) {
	err = t.do(func() error {
		result, err := t.conn.exec(insertUser, u.Username, u.Email,
			valueOf(u.FirstName), valueOf(u.LastName), valueOf(u.Phone), valueOf(u.Address),
			number(u.IsActive), formatTime(u.CreatedAt), formatTime(u.UpdatedAt))
		if err != nil {
			return err
		}
		t.wrote(counts{1, number(u.IsActive)}, u)
		id, err = result.LastInsertId()
		return err
	})
	return id, err
}

// UpdateUser implements user.Tx. The error is of kind Conflict when another
// user has one of the names, NotFound when there is no such row.
func (t *tx) UpdateUser(before, after user.User) error {
	return t.do(func() error {
		return t.changeRow(counts{0, number(after.IsActive) - number(before.IsActive)}, after, updateUser,
			after.Username, after.Email,
			valueOf(after.FirstName), valueOf(after.LastName), valueOf(after.Phone), valueOf(after.Address),
			number(after.IsActive), formatTime(after.CreatedAt), formatTime(after.UpdatedAt), after.ID)
	})
}

// DeleteUser implements user.Tx. The error is of kind NotFound when there is
// no such row.
func (t *tx) DeleteUser(before user.User) error {
	return t.do(func() error {
		return t.changeRow(counts{-1, -number(before.IsActive)}, before, deleteUser, before.ID)
	})
}

// changeRow runs a statement that changes the row of u, and the counts by change.
func (t *tx) changeRow(change counts, u user.User, query string, args ...driver.Value) error {
	result, err := t.conn.exec(query, args...)
	if err != nil {
		return err
	}
	rows, err := result.RowsAffected()
	if err == nil && rows == 0 {
		err = fault.New(fault.NotFound, "Not found.")
	}
	if err == nil {
		t.wrote(change, u)
	}
	return err
}

// wrote notes that the row of u was written, and how the counts changed. A
// long row counts as many.
func (t *tx) wrote(change counts, u user.User) {
	t.rows += 1 + len(u.Address.String)/longRow
	t.changes.add(change)
}

// do runs one operation unless the transaction has failed already.
func (t *tx) do(operation func() error) error {
	if t.failed != nil {
		return t.failed
	}
	err := faultOf(operation())
	if kind := fault.KindOf(err); err != nil && kind != fault.NotFound && kind != fault.Conflict {
		t.failed = err
	}
	return err
}
