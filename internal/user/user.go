// Package user holds what a user is and the rules about users: how input is
// read and normalised, what is valid, and who may do what. It knows no SQL
// and no HTTP.
package user

import "time"

// User is one row of t_users.
type User struct {
	ID        int64  // positive, never used again after a delete
	Username  string // trimmed; 3 to 100 code points; unique, exactly as written
	Email     string // trimmed and lower-cased; at most 255 code points as typed; unique
	FirstName Text   // at most 100 code points
	LastName  Text   // at most 100 code points
	Phone     Text   // at most 20 code points
	Address   Text
	IsActive  bool
	CreatedAt time.Time // UTC, whole microseconds
	UpdatedAt time.Time // UTC, whole microseconds; grows with every change
}

// Text is a text that may be absent, as SQL's NULL and JSON's null. The zero
// Text is absent.
type Text struct {
	String string
	Valid  bool // false: absent, and String is ""
}

// TextOf returns a present Text.
func TextOf(s string) Text { return Text{String: s, Valid: true} }
