package store

import (
	"context"
	"database/sql/driver"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
	"roster/internal/store/tasks"
	"roster/internal/task"
	"roster/internal/tracing"
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

// tx is a user.Tx within a transaction of the database.
type tx struct {
	sqldb.Tx
	*dialect
	selectUser string    // locks the row where the database lets others write
	queues     *[]string // of the tasks that were stored
	trace      string    // that they are part of
}

// InTx runs fn in a transaction, see user.Store.
func (s *Store) InTx(ctx context.Context, fn func(user.Tx) error) error {
	query, queues, trace := selectUser+s.forUpdate, []string(nil), tracing.Parent(ctx)
	err := s.db.Write(ctx, func(t sqldb.Tx) error {
		queues = nil
		return fn(tx{t, &s.dialect, query, &queues, trace})
	})
	if err == nil {
		s.work.Wake(queues)
	}
	return err
}

// Enqueue implements task.Enqueuer.
func (t tx) Enqueue(n task.New) (int64, error) {
	id, err := tasks.Enqueue(t.Tx, n, t.trace)
	*t.queues = append(*t.queues, n.Queue)
	return id, err
}

// FindUser implements user.Tx.
func (t tx) FindUser(id int64) (user.User, error) {
	var f found
	err := f.find(t, t.selectUser, id)
	return f.user, err
}

// TakenUser implements user.Tx. Names are compared as the columns' collations
// do, and so as the unique keys do.
func (t tx) TakenUser(username, email string, except int64) (usernameTaken, emailTaken bool, err error) {
	err = t.Query(takenUser, func(row []driver.Value) error {
		usernameTaken, emailTaken = sqldb.IsTrue(row[0]), sqldb.IsTrue(row[1])
		return sqldb.ErrEnough
	}, username, username, except, email, email, except)
	return usernameTaken, emailTaken, err
}

// InsertUser implements user.Tx. The error is of kind Conflict when another
// user has one of the names.
func (t tx) InsertUser(u user.User) (int64, error) {
	result, err := t.Exec(insertUser, u.Username, u.Email,
		valueOf(u.FirstName), valueOf(u.LastName), valueOf(u.Phone), valueOf(u.Address),
		number(u.IsActive), sqldb.FormatTime(u.CreatedAt), sqldb.FormatTime(u.UpdatedAt))
	if err != nil {
		return 0, err
	}
	t.Changed(sqldb.Counts{1, number(u.IsActive)})
	return result.LastInsertId()
}

// UpdateUser implements user.Tx. The error is of kind Conflict when another
// user has one of the names, NotFound when there is no such row.
func (t tx) UpdateUser(before, after user.User) error {
	return t.changeRow(sqldb.Counts{0, number(after.IsActive) - number(before.IsActive)}, updateUser,
		after.Username, after.Email,
		valueOf(after.FirstName), valueOf(after.LastName), valueOf(after.Phone), valueOf(after.Address),
		number(after.IsActive), sqldb.FormatTime(after.CreatedAt), sqldb.FormatTime(after.UpdatedAt), after.ID)
}

// DeleteUser implements user.Tx. The error is of kind NotFound when there is
// no such row.
func (t tx) DeleteUser(before user.User) error {
	return t.changeRow(sqldb.Counts{-1, -number(before.IsActive)}, deleteUser, before.ID)
}

// changeRow runs a statement that changes one row, and the counts by change.
func (t tx) changeRow(change sqldb.Counts, query string, args ...driver.Value) error {
	result, err := t.Exec(query, args...)
	if err != nil {
		return err
	}
	rows, err := result.RowsAffected()
	if err == nil && rows == 0 {
		err = fault.New(fault.NotFound, "Not found.")
	}
	if err == nil {
		t.Changed(change)
	}
	return err
}
