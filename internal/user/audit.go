package user

import (
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/form"
)

// Object returns what the audit trail calls the user.
func (u User) Object() audit.Object { return audit.Object{Type: "user", ID: u.ID, Name: u.Username} }

// entry tells of a change from before to after; nil is a user that is not there.
func entry(at time.Time, actor access.Actor, before, after *User) audit.Entry {
	switch {
	case before == nil:
		return audit.NewEntry(at, actor, audit.Create, after.Object(), difference(before, after))
	case after == nil:
		return audit.NewEntry(at, actor, audit.Delete, before.Object(), difference(before, after))
	}
	return audit.NewEntry(at, actor, audit.Update, after.Object(), difference(before, after))
}

// difference returns the fields that have other values, in the order of Fields.
func difference(before, after *User) (changes []audit.Change) {
	was, is := values(before), values(after)
	for i, name := range recorded {
		if was[i] != is[i] {
			changes = append(changes, audit.Change{Field: name, Old: was[i], New: is[i]})
		}
	}
	return changes
}

// recorded are the fields that can be changed, in the order of Fields.
var recorded = [...]string{"username", "email", "first_name", "last_name", "phone", "address", "is_active"}

func values(u *User) (all [len(recorded)]any) {
	if u == nil {
		return all
	}
	return [...]any{
		u.Username, u.Email, value(u.FirstName), value(u.LastName), value(u.Phone), value(u.Address), u.IsActive,
	}
}

// value returns the text, or nil for none.
func value(t form.Text) any {
	if !t.Valid {
		return nil
	}
	return t.String
}
