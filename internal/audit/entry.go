package audit

import (
	"encoding/json"
	"time"

	"roster/internal/access"
)

// Action is the kind of a change, in one word.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"

	Restore Action = "restore" // of a deleted object
	Purge   Action = "purge"   // of a deleted object, for good

	Login       Action = "login"
	LoginFailed Action = "login_failed"
	Logout      Action = "logout" // by the owner of the session, or someone who revoked it
)

// Entry is one entry of the audit trail.
type Entry struct {
	ID      int64     // assigned by the store; increasing, with gaps
	At      time.Time // UTC, whole microseconds
	ActorID int64     // id of the staff account, 0 for others
	Actor   string    // the actor's name at the time
	Action  Action
	Object  Object
	Changes []Change // in display order
	Origin  access.Origin
	Reason  string // given by the actor, "" if none

	Credential string // what the actor acted with, "" if unknown
}

// Object is the object of a change.
type Object struct {
	Type string // the kind, such as "user"
	ID   int64
	Name string // its name at the time
}

// Change is one changed field. Old is nil for a created object, New for a
// deleted one. Secrets have no values: see Secret.
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old"` // string, bool, number or nil
	New   any    `json:"new"`
}

// NewEntry returns an entry for an actor's change of an object.
func NewEntry(at time.Time, actor access.Actor, action Action, object Object, changes []Change) Entry {
	return Entry{
		At: at, ActorID: actor.ID(), Actor: actor.Name(), Action: action,
		Object: object, Changes: changes, Origin: actor.Origin(), Reason: actor.Reason(), Credential: actor.ActedWith(),
	}
}

// Secret returns the change of a field with secret values.
func Secret(field string) Change { return Change{Field: field, Old: "[secret]", New: "[secret]"} }

// Recorder stores entries in the transaction of the change.
type Recorder interface {
	// Record stores an entry. e.ID is ignored.
	Record(e Entry) error
}

// MarshalChanges encodes changes as JSON, for storage and seals.
func MarshalChanges(changes []Change) (string, error) {
	if len(changes) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(changes)
	return string(text), err
}

// EscapeChange returns a text as MarshalChanges escapes it within a string.
func EscapeChange(text string) string {
	escaped, err := json.Marshal(text)
	if err != nil { // never: it is a string
		return text
	}
	return string(escaped[1 : len(escaped)-1])
}

// UnmarshalChanges decodes the output of MarshalChanges.
func UnmarshalChanges(text string) (changes []Change, err error) {
	err = json.Unmarshal([]byte(text), &changes)
	return changes, err
}
