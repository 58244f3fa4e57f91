package access

import "strings"

// Door is the interface through which a request came in.
type Door string

// The doors.
const (
	API   Door = "api"
	Web   Door = "web" // the pages of users
	Admin Door = "admin"
	CLI   Door = "cli"
	Task  Door = "task" // a part of the system, on its own
)

// Origin describes where an actor's request came from. The zero Origin is
// Roster itself.
type Origin struct {
	Address   string // the client's IP address, "" when unknown
	RequestID string // as the log names the request
	Door      Door   // "" when unknown
}

// From returns a copy of the actor with that origin.
func (a Actor) From(o Origin) Actor {
	a.origin = o
	return a
}

// Origin returns where the actor's request came from.
func (a Actor) Origin() Origin { return a.origin }

// Because returns a copy of the actor with a reason given by a person. Runs of
// white space in it become single spaces.
func (a Actor) Because(reason string) Actor {
	a.reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "\uFFFD")), " ")
	return a
}

// Reason returns why the actor acts, "" if no reason was given.
func (a Actor) Reason() string { return a.reason }
