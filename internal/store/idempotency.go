package store

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"roster/internal/form"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	selectKept = "SELECT answer, created_at >= ? FROM roster_idempotency_keys WHERE key_hash = ?"
	insertKept = "INSERT INTO roster_idempotency_keys (key_hash, answer, created_at) VALUES (?, ?, ?)"
	deleteKept = "DELETE FROM roster_idempotency_keys WHERE key_hash = ?"
	// Two at a time: the table shrinks although each create adds a row.
	selectOldKept = "SELECT key_hash FROM roster_idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT 2"
)

// kept is a user as it is stored under a key.
type kept struct {
	ID        int64     `json:"id"`
	Username  string    `json:"username"`
	Email     string    `json:"email"`
	FirstName *string   `json:"first_name"`
	LastName  *string   `json:"last_name"`
	Phone     *string   `json:"phone"`
	Address   *string   `json:"address"`
	IsActive  bool      `json:"is_active"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// FindKept implements user.Tx.
func (t *tx) FindKept(key string, oldest time.Time) (user.User, error) {
	var answer string
	found, good := false, false
	err := t.Query(selectKept, func(row []driver.Value) error {
		found, answer, good = true, textOf(row[0]), sqldb.IsTrue(row[1])
		return sqldb.ErrEnough
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
	return readKept(answer)
}

func readKept(answer string) (user.User, error) {
	var k kept
	if err := json.Unmarshal([]byte(answer), &k); err != nil {
		return user.User{}, unreadable("roster_idempotency_keys.answer", err)
	}
	return user.User{
		ID: k.ID, Username: k.Username, Email: k.Email,
		FirstName: textAt(k.FirstName), LastName: textAt(k.LastName), Phone: textAt(k.Phone), Address: textAt(k.Address),
		IsActive: k.IsActive, CreatedAt: k.CreatedAt, UpdatedAt: k.UpdatedAt,
	}, nil
}

// Keep implements user.Tx.
func (t *tx) Keep(key string, u user.User) error {
	answer, err := json.Marshal(kept{
		ID: u.ID, Username: u.Username, Email: u.Email,
		FirstName: pointerTo(u.FirstName), LastName: pointerTo(u.LastName), Phone: pointerTo(u.Phone), Address: pointerTo(u.Address),
		IsActive: u.IsActive, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	})
	if err != nil {
		return err
	}
	return exec(t, insertKept, key, string(answer), sqldb.FormatTime(u.CreatedAt))
}

// DropKept implements user.Tx.
func (t *tx) DropKept(oldest time.Time) error {
	return t.deleteFew(selectOldKept, deleteKept, sqldb.FormatTime(oldest))
}

func pointerTo(t form.Text) *string {
	if !t.Valid {
		return nil
	}
	return &t.String
}

func textAt(s *string) form.Text {
	if s == nil {
		return form.Text{}
	}
	return form.TextOf(*s)
}
