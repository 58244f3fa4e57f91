package user

import (
	"context"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/query"
)

// Slice is a part of the list of users between two places.
type Slice struct {
	Users          []User
	Previous, Next query.Cursor // zero if no users are there
}

// Slice returns up to size users that match q, before or after a cursor of an earlier
// slice, or from the start of the list. Its cost does not grow with the users
// before it. An order that cursors do not support is Invalid; a cursor of another
// order is NotFound.
func (u *Users) Slice(ctx context.Context, actor access.Actor, q Query, at query.Cursor, size int) (Slice, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Slice{}, err
	}
	q.Cursor = at
	if err := checkCursor(q); err != nil {
		return Slice{}, err
	}
	users, err := u.store.ListUsers(ctx, q, 0, size+1)
	if err != nil {
		return Slice{}, err
	}
	more := len(users) > size
	users = users[:min(len(users), size)]
	if at.Before {
		slices.Reverse(users)
	}
	s := Slice{Users: users}
	if len(users) == 0 {
		return s, nil
	}
	if at.Before || more {
		s.Next = cursorAt(q, &users[len(users)-1], false)
	}
	if at.Before && more || !at.Before && at != (query.Cursor{}) {
		s.Previous = cursorAt(q, &users[0], true)
	}
	return s, nil
}

// stamp is the format of times in cursors, in UTC.
const stamp = "2006-01-02T15:04:05.000000"

// cursorKeys are the fields that a list with cursors can have as its order: those
// without null, which would have no place in it.
var cursorKeys = map[string]func(*User) string{
	"id":         func(*User) string { return "" },
	"username":   func(u *User) string { return u.Username },
	"email":      func(u *User) string { return u.Email },
	"created_at": func(u *User) string { return u.CreatedAt.UTC().Format(stamp) },
	"updated_at": func(u *User) string { return u.UpdatedAt.UTC().Format(stamp) },
}

// checkCursor checks that q has one key besides the id, in one direction, and that its
// cursor is one of this order.
func checkCursor(q Query) error {
	keys := q.Keys()
	if _, ok := cursorKeys[keys[0].Field]; !ok || len(keys) > 2 || keys[0].Descending != keys[len(keys)-1].Descending {
		var faults fault.Fields
		faults.Add("ordering", "Pages by cursor are ordered by one of created_at, email, id, updated_at and username.")
		return faults.Err()
	}
	if _, ok := q.CursorValue(); q.Cursor != (query.Cursor{}) && (q.Cursor.Order != q.Order || !ok) {
		return fault.New(fault.NotFound, "Invalid cursor")
	}
	return nil
}

func cursorAt(q Query, u *User, before bool) query.Cursor {
	return query.Cursor{Order: q.Order, Value: cursorKeys[q.Keys()[0].Field](u), ID: u.ID, Before: before}
}

// CursorValue returns the value of the first key of q at its cursor: nil for the id, a
// time, or a text. It returns false for a value that no user has.
func (q Query) CursorValue() (value any, ok bool) {
	text := q.Cursor.Value
	switch q.Keys()[0].Field {
	case "id":
		return nil, text == ""
	case "created_at", "updated_at":
		at, err := time.Parse(stamp, text)
		return at, err == nil && at.Format(stamp) == text
	}
	return text, true
}
