package audit

import (
	"encoding/json"
	"time"

	"roster/internal/access"
)

// Action says what was done, in one word.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"

	Login       Action = "login"
	LoginFailed Action = "login_failed"
	Logout      Action = "logout" // by whose session it was, or by somebody who revoked it
)

// Entry is one thing that was done.
type Entry struct {
	ID      int64     // given by the store; grows, with gaps
	At      time.Time // UTC, whole microseconds
	ActorID int64     // of the staff account, 0 for everyone else
	Actor   string    // the name the actor had
	Action  Action
	Object  Object
	Changes []Change // in the order in which fields are shown
	Origin  access.Origin
	Reason  string // given by the actor, "" if none
}

// Object is what something was done to.
type Object struct {
	Type string // the kind, such as "user"
	ID   int64
	Name string // as it was called then
}

// Change is one field that was changed. The old value of what was created and
// the new one of what was deleted are nil. Secrets have no values: see Secret.
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old"` // a text, a boolean, a number or nil
	New   any    `json:"new"`
}

// NewEntry returns an entry about what actor did to an object.
func NewEntry(at time.Time, actor access.Actor, action Action, object Object, changes []Change) Entry {
	return Entry{
		At: at, ActorID: actor.ID(), Actor: actor.Name(), Action: action,
		Object: object, Changes: changes, Origin: actor.Origin(), Reason: actor.Reason(),
	}
}

// Secret is the change of a field whose values nobody may read.
func Secret(field string) Change { return Change{Field: field, Old: "[secret]", New: "[secret]"} }

// Recorder keeps entries in the transaction of what they tell of.
type Recorder interface {
	// Record keeps an entry. e.ID is ignored.
	Record(e Entry) error
}

// MarshalChanges returns the changes as JSON, as they are stored and sealed.
func MarshalChanges(changes []Change) (string, error) {
	if len(changes) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(changes)
	return string(text), err
}

// UnmarshalChanges reads what MarshalChanges wrote.
func UnmarshalChanges(text string) (changes []Change, err error) {
	err = json.Unmarshal([]byte(text), &changes)
	return changes, err
}
