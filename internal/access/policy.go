package access

import (
	"fmt"
	"maps"
)

// Policy determines what API callers may do. The policies are named like the
// permission classes of Django REST Framework.
type Policy string

// The policies of the setting API_PERMISSION.
const (
	AllowAny               Policy = "AllowAny"
	IsAuthenticated        Policy = "IsAuthenticated"
	DjangoModelPermissions Policy = "DjangoModelPermissions"
)

// ParsePolicy returns the policy of that name.
func ParsePolicy(name string) (Policy, error) {
	switch p := Policy(name); p {
	case AllowAny, IsAuthenticated, DjangoModelPermissions:
		return p, nil
	}
	return "", fmt.Errorf("%q is not AllowAny, IsAuthenticated or DjangoModelPermissions", name)
}

// Anonymous returns the actor for an unauthenticated caller: with AllowAny it
// holds every permission on users, otherwise none.
func (p Policy) Anonymous() Actor { return p.Actor(Actor{}) }

// Actor returns the actor for an API caller. With AllowAny, everyone holds
// every permission on users in addition to their own; with IsAuthenticated,
// every signed-in account does; with DjangoModelPermissions, actors hold only
// their own permissions.
func (p Policy) Actor(a Actor) Actor {
	a.users = a.users || p == AllowAny || p == IsAuthenticated && a.authenticated
	return a
}

// Visitor returns the actor for a visitor of the pages of users. It is Actor,
// except that AllowAny lets accounts only view users beyond their own
// permissions, so that the pages offer them what they hold.
func (p Policy) Visitor(a Actor) Actor {
	if p != AllowAny || !a.authenticated {
		return p.Actor(a)
	}
	granted := map[Permission]bool{ViewUser: true}
	maps.Copy(granted, a.granted)
	a.granted = granted
	return a
}
