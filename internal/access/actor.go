package access

import "roster/internal/fault"

// Actor is who acts: a person, or a part of the system. Every call that
// writes or reads private data takes one. The zero Actor is anonymous and
// may do nothing but what is Public.
type Actor struct {
	id            int64
	name          string
	authenticated bool
	staff         bool
	all           bool
	users         bool // every permission on users
	granted       map[Permission]bool
	origin        Origin
	reason        string
}

// Account is what access knows of a staff account that is active.
type Account struct {
	ID          int64
	Username    string
	IsStaff     bool         // may enter the admin site
	IsSuperuser bool         // holds every permission
	Permissions []Permission // its own and those of its groups
}

// NewActor returns the actor who has signed in to the account.
func NewActor(a Account) Actor {
	granted := make(map[Permission]bool, len(a.Permissions))
	for _, p := range a.Permissions {
		granted[p] = true
	}
	return Actor{
		id: a.ID, name: a.Username, authenticated: true,
		staff: a.IsStaff, all: a.IsSuperuser, granted: granted,
	}
}

// Name is the actor's name for the log: a username, "anonymous", or "system:<part>".
func (a Actor) Name() string {
	if a.name == "" {
		return "anonymous"
	}
	return a.name
}

// ID is the staff account's id, 0 for everyone else.
func (a Actor) ID() int64 { return a.id }

// Authenticated reports whether the actor is known.
func (a Actor) Authenticated() bool { return a.authenticated }

// Staff reports whether the actor may enter the admin site.
func (a Actor) Staff() bool { return a.staff }

// Can reports whether the actor holds the permission. Everybody holds Public.
func (a Actor) Can(p Permission) bool {
	if p == Public || a.all || a.granted[p] {
		return true
	}
	return a.users && (p == ViewUser || p == AddUser || p == ChangeUser || p == DeleteUser)
}

// HoldsAll reports whether the actor holds every permission there is or will be:
// a superuser, or a part of the system.
func (a Actor) HoldsAll() bool { return a.all }

// Check returns nil when the actor holds the permission; otherwise an error
// of kind Unauthenticated for an unknown actor, Denied for a known one. The
// messages are those of Django REST Framework's NotAuthenticated and
// PermissionDenied exceptions.
func (a Actor) Check(p Permission) error {
	switch {
	case a.Can(p):
		return nil
	case a.authenticated:
		return fault.New(fault.Denied, "You do not have permission to perform this action.")
	default:
		return fault.New(fault.Unauthenticated, "Authentication credentials were not provided.")
	}
}

// System returns the actor that stands for a part of Roster itself and may do
// everything. It acts from the door Task unless From says otherwise.
func System(part string) Actor {
	return Actor{name: "system:" + part, authenticated: true, all: true, origin: Origin{Door: Task}}
}
