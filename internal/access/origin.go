package access

import "strings"

// Door is the way by which an actor came in.
type Door string

// The doors.
const (
	API   Door = "api"
	Web   Door = "web" // the pages of users
	Admin Door = "admin"
	CLI   Door = "cli"
	Task  Door = "task" // a part of the system, on its own
)

// Origin is where an actor's request came from. The zero Origin is Roster itself.
type Origin struct {
	Address   string // the client's IP address, "" when unknown
	RequestID string // as the log names the request
	Door      Door   // "" when unknown
}

// From returns the actor, acting from there.
func (a Actor) From(o Origin) Actor {
	a.origin = o
	return a
}

// Origin says where the actor acts from.
func (a Actor) Origin() Origin { return a.origin }

// Because returns the actor, acting for a reason that a person gave; white
// space in it is made single spaces.
func (a Actor) Because(reason string) Actor {
	a.reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "\uFFFD")), " ")
	return a
}

// Reason is why the actor acts, "" when no reason was given.
func (a Actor) Reason() string { return a.reason }
