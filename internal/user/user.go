// Package user holds what a user is and the rules about users: what is valid,
// who may do what, and what each change leaves behind. It knows no SQL and no
// HTTP.
package user

import (
	"time"

	"roster/internal/form"
)

// User is one row of t_users.
type User struct {
	ID        int64     // positive, never used again after a delete
	Username  string    // trimmed; 3 to 100 code points; unique, exactly as written
	Email     string    // trimmed and lower-cased; at most 255 code points as typed; unique
	FirstName form.Text // at most 100 code points
	LastName  form.Text // at most 100 code points
	Phone     form.Text // at most 20 code points
	Address   form.Text
	IsActive  bool
	CreatedAt time.Time // UTC, whole microseconds
	UpdatedAt time.Time // UTC, whole microseconds; grows with every change
}
