package store

import (
	"encoding/json"
	"time"

	"roster/internal/fault"
	"roster/internal/store/engine"
	"roster/internal/user"
)

const (
	selectKept = "SELECT answer FROM roster_idempotency_keys WHERE key_hash = ? AND created_at >= ?"
	insertKept = "INSERT INTO roster_idempotency_keys (key_hash, answer, created_at) VALUES (?, ?, ?)"
	deleteKept = "DELETE FROM roster_idempotency_keys WHERE key_hash = ? AND created_at < ?"
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
func (t tx) FindKept(key string, oldest time.Time) (user.User, error) {
	answers, err := engine.Texts(t, selectKept, key, engine.FormatTime(oldest))
	if err != nil {
		return user.User{}, err
	}
	if len(answers) == 0 {
		return user.User{}, fault.New(fault.NotFound, "Not found.")
	}
	var k kept
	if err := json.Unmarshal([]byte(answers[0]), &k); err != nil {
		return user.User{}, fault.Wrap(fault.Internal, "A stored answer cannot be read.", err)
	}
	return user.User{
		ID: k.ID, Username: k.Username, Email: k.Email,
		FirstName: textAt(k.FirstName), LastName: textAt(k.LastName), Phone: textAt(k.Phone), Address: textAt(k.Address),
		IsActive: k.IsActive, CreatedAt: k.CreatedAt, UpdatedAt: k.UpdatedAt,
	}, nil
}

// Keep implements user.Tx.
func (t tx) Keep(key string, u user.User) error {
	answer, err := json.Marshal(kept{
		ID: u.ID, Username: u.Username, Email: u.Email,
		FirstName: pointerTo(u.FirstName), LastName: pointerTo(u.LastName), Phone: pointerTo(u.Phone), Address: pointerTo(u.Address),
		IsActive: u.IsActive, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	})
	if err != nil {
		return err
	}
	_, err = t.Exec(insertKept, key, string(answer), engine.FormatTime(u.CreatedAt))
	return err
}

// DropKept implements user.Tx.
func (t tx) DropKept(key string, oldest time.Time) error {
	before := engine.FormatTime(oldest)
	keys, err := engine.Texts(t, selectOldKept+t.skipLocked, before)
	if err != nil {
		return err
	}
	for _, old := range append(keys, key) {
		if _, err := t.Exec(deleteKept, old, before); err != nil {
			return err
		}
	}
	return nil
}

func pointerTo(t user.Text) *string {
	if !t.Valid {
		return nil
	}
	return &t.String
}

func textAt(s *string) user.Text {
	if s == nil {
		return user.Text{}
	}
	return user.TextOf(*s)
}
