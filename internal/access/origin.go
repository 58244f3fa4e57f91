package access

// Origin is where an actor's request came from. The zero Origin is Roster itself.
type Origin struct {
	Address   string // the client's IP address, "" when unknown
	RequestID string // as the log names the request
}

// From returns the actor, acting from there.
func (a Actor) From(o Origin) Actor {
	a.origin = o
	return a
}

// Origin says where the actor acts from.
func (a Actor) Origin() Origin { return a.origin }
