package access

import "roster/internal/fault"

// Actor is a person or a part of the system that acts. Every call that writes
// or reads private data takes one. The zero Actor is anonymous and holds only
// Public.
type Actor struct {
	id            int64
	name          string
	authenticated bool
	staff         bool
	all           bool
	users         bool // holds every permission on users
	granted       map[Permission]bool
	limit         map[Permission]bool // nil: no limit
	refused       error
	credential    Credential
	origin        Origin
	reason        string
}

// Account describes an active staff account.
type Account struct {
	ID          int64
	Username    string
	IsStaff     bool         // may enter the admin site
	IsSuperuser bool         // holds every permission
	Permissions []Permission // its own and those of its groups
}

// NewActor returns the actor for a signed-in account.
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

// Refused returns the actor of a request whose credential is not valid. It holds
// nothing, and every Check returns err, also for Public.
func Refused(err error) Actor { return Actor{refused: err} }

// Limited returns a copy of the actor that holds only those of its permissions
// that are listed, besides Public.
func (a Actor) Limited(to []Permission) Actor {
	limit := make(map[Permission]bool, len(to))
	for _, p := range to {
		limit[p] = a.limit == nil || a.limit[p]
	}
	a.limit = limit
	return a
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

// Authenticated reports whether the actor has signed in.
func (a Actor) Authenticated() bool { return a.authenticated }

// Staff reports whether the actor may enter the admin site.
func (a Actor) Staff() bool { return a.staff }

// Can reports whether the actor holds the permission. Everyone holds Public,
// except refused actors.
func (a Actor) Can(p Permission) bool {
	switch {
	case a.refused != nil:
		return false
	case p == Public:
		return true
	case a.limit != nil && !a.limit[p]:
		return false
	case a.all || a.granted[p]:
		return true
	}
	return a.users && (p == ViewUser || p == AddUser || p == ChangeUser || p == DeleteUser)
}

// HoldsAll reports whether the actor holds every present and future permission:
// a superuser, or a part of the system.
func (a Actor) HoldsAll() bool { return a.all && a.limit == nil }

// Check returns nil when the actor holds the permission; otherwise the error of
// a refused actor, or one of kind Unauthenticated for an unknown actor, Denied
// for a known one. The
// messages are those of Django REST Framework's NotAuthenticated and
// PermissionDenied exceptions.
func (a Actor) Check(p Permission) error {
	switch {
	case a.refused != nil:
		return a.refused
	case a.Can(p):
		return nil
	case a.authenticated:
		return fault.New(fault.Denied, "You do not have permission to perform this action.")
	default:
		return fault.New(fault.Unauthenticated, "Authentication credentials were not provided.")
	}
}

// OnBehalf returns the actor for a part of Roster that carries out what someone
// caused, under that name. It holds every permission: those of the person were
// checked when they caused it.
func OnBehalf(name string) Actor {
	return Actor{name: name, authenticated: true, all: true, origin: Origin{Door: Task}}
}

// System returns the actor for a part of Roster itself, which holds every
// permission. Its door is Task unless From sets another.
func System(part string) Actor {
	return OnBehalf("system:" + part)
}
