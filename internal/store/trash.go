package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	// REPLACE, because another program may have made a user with an id that was
	// deleted, so that the id is deleted again.
	keepUsers = "REPLACE INTO roster_trash (id, username, email, first_name, last_name, fields, unsubscribed_at, deleted_at, actor_id, actor, door, reason)" +
		" SELECT t_users.id, COALESCE(SUBSTR(username, 1, 255), ''), COALESCE(SUBSTR(email, 1, 255), ''), COALESCE(SUBSTR(first_name, 1, 255), '')," +
		" COALESCE(SUBSTR(last_name, 1, 255), ''), %s, n.created_at, ?, ?, ?, ?, ?" +
		" FROM t_users LEFT JOIN roster_unsubscribed n ON n.user_id = t_users.id WHERE t_users.id IN "

	selectTrashed = "SELECT id, username, email, first_name, last_name, CAST(deleted_at AS CHAR), actor_id, actor, door, reason FROM "
	findTrash     = selectTrashed + "roster_trash WHERE id = ?"
	oldTrash      = selectTrashed + "roster_trash WHERE deleted_at <= ? ORDER BY deleted_at LIMIT ?"

	selectKeptRow = "SELECT fields, CAST(unsubscribed_at AS CHAR) FROM roster_trash WHERE id = ?"
	deleteTrash   = "DELETE FROM roster_trash WHERE id IN "
)

// DeleteUsers implements user.Tx.
func (t *tx) DeleteUsers(d user.Deletion, before ...user.User) error {
	if len(before) == 0 {
		return nil
	}
	ids, gone := make([]int64, len(before)), sqldb.Counts{}
	for i := range before {
		ids[i] = before[i].ID
		gone.Add(sqldb.Counts{-1, -flag(before[i].IsActive)})
	}
	these, args := marks(len(ids)), values(ids)
	if err := t.checkReferences("t_users", "id IN "+these, args...); err != nil {
		return err
	}
	if err := t.keep(d, these, args); err != nil {
		return err
	}
	rows, err := change(t, "DELETE FROM t_users WHERE id IN "+these, args...)
	if err == nil && rows != int64(len(ids)) {
		err = errNotFound
	}
	if err == nil {
		err = exec(t, "DELETE FROM roster_unsubscribed WHERE user_id IN "+these, args...)
	}
	if err == nil {
		t.Changed(gone)
	}
	return err
}

// keep copies users to the trash.
func (t *tx) keep(d user.Deletion, these string, ids []driver.Value) error {
	if !d.Keep {
		return nil
	}
	columns, err := t.rowColumns(t)
	if err != nil {
		return err
	}
	args := []driver.Value{sqldb.FormatTime(d.At), d.ActorID, cut(d.Actor, maxName), string(d.Door), cut(d.Reason, maxReason)}
	return exec(t, fmt.Sprintf(keepUsers, t.rowAsJSON(columns))+these, append(args, ids...)...)
}

// FindTrashed implements user.TrashTx.
func (t *tx) FindTrashed(id int64) (user.Trashed, error) {
	return one(t, scanTrashed, findTrash+t.forUpdate, id)
}

// OldTrash implements user.TrashTx.
func (t *tx) OldTrash(before time.Time, limit int) ([]user.Trashed, error) {
	return all(t, scanTrashed, oldTrash+t.skipLocked, sqldb.FormatTime(before), int64(limit))
}

// RestoreUser implements user.TrashTx.
func (t *tx) RestoreUser(trashed user.Trashed) (user.User, error) {
	var fields, unsubscribed string
	err := t.Query(selectKeptRow, func(row []driver.Value) error {
		fields, unsubscribed = textOf(row[0]), textOf(row[1])
		return sqldb.ErrEnough
	}, trashed.ID)
	if err != nil {
		return user.User{}, err
	}
	row := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(fields), &row); err != nil {
		return user.User{}, sqldb.Unreadable("roster_trash.fields", err)
	}
	if err := rename(row, trashed); err != nil {
		return user.User{}, err
	}
	if err := t.insertRow(row); err != nil {
		return user.User{}, err
	}
	if unsubscribed != "" {
		err = sqldb.FirstError(exec(t, resubscribe, trashed.ID), exec(t, unsubscribe, trashed.ID, unsubscribed))
	}
	if err = sqldb.FirstError(err, t.PurgeTrash(trashed.ID)); err != nil {
		return user.User{}, err
	}
	var f found
	if err := f.find(t, selectUser, trashed.ID); err != nil {
		return user.User{}, err
	}
	t.Changed(sqldb.Counts{1, flag(f.user.IsActive)})
	return f.user, nil
}

// rename sets the names of a row in JSON that have another value.
func rename(row map[string]json.RawMessage, to user.Trashed) error {
	for name, value := range map[string]string{"username": to.NewUsername, "email": to.NewEmail} {
		if value == "" {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return fault.Wrap(fault.Internal, "The database failed.", err)
		}
		row[name] = text
	}
	return nil
}

// PurgeTrash implements user.TrashTx.
func (t *tx) PurgeTrash(ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	return exec(t, deleteTrash+marks(len(ids)), values(slices.Clip(ids))...)
}

func scanTrashed(row []driver.Value) (u user.Trashed, err error) {
	err = sqldb.Scan(row, &u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.At, &u.ActorID, &u.Actor, &u.Door, &u.Reason)
	return u, err
}
