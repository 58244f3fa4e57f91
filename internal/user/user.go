// Package user defines users and their rules: validation, permissions, and the
// effects of each change. It is independent of SQL and HTTP.
package user

import (
	"time"

	"roster/internal/form"
)

// User is one row of t_users.
type User struct {
	ID        int64     // positive, never reused
	Username  string    // trimmed; 3 to 100 code points; unique, exactly as written
	Email     string    // trimmed and lower-cased; at most 255 code points as typed; unique
	FirstName form.Text // at most 100 code points
	LastName  form.Text // at most 100 code points
	Phone     form.Text // at most 20 code points
	Address   form.Text
	IsActive  bool
	CreatedAt time.Time // UTC, whole microseconds
	UpdatedAt time.Time // UTC, whole microseconds; increases with every change

	Unreadable Unreadable // the fields above that are stored, but zero here
}
