package access

import "fmt"

// Policy says what the API lets callers do, by the names of the permission
// classes of Django REST Framework.
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

// Anonymous returns the actor for a caller who has not said who they are:
// with AllowAny it holds every permission on users, otherwise none.
func (p Policy) Anonymous() Actor { return p.Actor(Actor{}) }

// Actor returns what a caller of the API may do: with AllowAny everybody, with
// IsAuthenticated everybody who has signed in, holds every permission on
// users beside those they have; with DjangoModelPermissions only the latter.
func (p Policy) Actor(a Actor) Actor {
	a.users = a.users || p == AllowAny || p == IsAuthenticated && a.authenticated
	return a
}
