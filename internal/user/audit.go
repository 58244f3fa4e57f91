package user

import (
	"time"

	"roster/internal/access"
	"roster/internal/audit"
)

// Object returns the user's object in the audit trail.
func (u User) Object() audit.Object { return audit.Object{Type: "user", ID: u.ID, Name: u.Username} }

// entry records a change from before to after; nil is an absent user.
func entry(at time.Time, actor access.Actor, before, after *User) audit.Entry {
	switch {
	case before == nil:
		return audit.NewEntry(at, actor, audit.Create, after.Object(), difference(before, after))
	case after == nil:
		return audit.NewEntry(at, actor, audit.Delete, before.Object(), difference(before, after))
	}
	return audit.NewEntry(at, actor, audit.Update, after.Object(), difference(before, after))
}

// difference returns the changed fields in the order of the table, without
// read-only ones.
func difference(before, after *User) (changes []audit.Change) {
	for i := range table {
		c := &table[i]
		if c.ReadOnly {
			continue
		}
		change := audit.Change{Field: c.Name}
		if before != nil {
			change.Old = c.Get(before)
		}
		if after != nil {
			change.New = c.Get(after)
		}
		if change.Old != change.New {
			changes = append(changes, change)
		}
	}
	return changes
}
