package store

import (
	"database/sql/driver"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	selectKept = "SELECT answer, created_at >= ? FROM roster_idempotency_keys WHERE key_hash = ?"
	insertKept = "INSERT INTO roster_idempotency_keys (key_hash, answer, created_at) VALUES (?, ?, ?)"
	deleteKept = "DELETE FROM roster_idempotency_keys WHERE key_hash = ?"
)

// FindKept implements user.Tx.
func (t *tx) FindKept(key string, oldest time.Time) (user.User, error) {
	var answer string
	found, good := false, false
	err := t.Query(selectKept, func(row []driver.Value) error {
		found = true
		return sqldb.FirstError(sqldb.Scan(row, &answer, &good), sqldb.ErrEnough)
	}, sqldb.FormatTime(oldest), key)
	if err == nil && found && !good {
		_, err = t.Exec(deleteKept, key)
	}
	if err != nil {
		return user.User{}, err
	}
	if !good {
		return user.User{}, errNotFound
	}
	var u user.User
	if err := userFields.ParseJSON([]byte(answer), &u); err != nil {
		return user.User{}, sqldb.Unreadable("roster_idempotency_keys.answer", err)
	}
	return u, nil
}

// Keep implements user.Tx.
func (t *tx) Keep(key string, u user.User) error {
	return exec(t, insertKept, key, string(userFields.AppendJSON(nil, &u)), sqldb.FormatTime(u.CreatedAt))
}
