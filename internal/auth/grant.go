package auth

import (
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
)

// errBeyond is the answer to who would change an account or a group that holds
// more than they do: with it they could become as much.
var errBeyond = fault.New(fault.Denied, "This holds permissions that you do not hold, so you cannot change it.")

// errLastSuperuser keeps the system from being left without anybody who can do everything.
var errLastSuperuser = fault.New(fault.Conflict, "This is the last active superuser: make another one first.")

// checkAll returns errBeyond unless the actor holds all the permissions.
func checkAll(actor access.Actor, permissions []access.Permission) error {
	for _, p := range permissions {
		if !actor.Can(p) {
			return errBeyond
		}
	}
	return nil
}

// checkReach returns nil when the actor holds all that the account holds, or
// would hold if it were active.
func checkReach(actor access.Actor, a Account, h Holdings) error {
	if a.IsSuperuser && !actor.HoldsAll() {
		return errBeyond
	}
	return checkAll(actor, h.Held())
}

// checkFlags returns nil when the actor may change an account's flags so:
// superusers alone make or unmake superusers and staff.
func checkFlags(actor access.Actor, before, after Account) error {
	if actor.HoldsAll() || before.IsStaff == after.IsStaff && before.IsSuperuser == after.IsSuperuser {
		return nil
	}
	return fault.New(fault.Denied, "Only superusers can change who is staff or a superuser.")
}

// checkGrant returns nil when the actor holds everything that is in after and
// not in before.
func checkGrant(actor access.Actor, before, after []access.Permission) error {
	var missing []string
	for _, p := range after {
		if !actor.Can(p) && !slices.Contains(before, p) {
			missing = append(missing, string(p))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fault.New(fault.Denied, "You cannot grant what you do not hold: "+strings.Join(slices.Compact(missing), ", ")+".")
}

// sorted returns the permissions in order, each once.
func sorted(permissions []access.Permission) []access.Permission {
	permissions = slices.Clone(permissions)
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

// Explanation says from where an account holds a permission.
type Explanation struct {
	Inactive  bool     // nothing is held, whatever the rest says
	Superuser bool     // every permission is held
	Own       bool     // it was given to the account itself
	Groups    []string // the names of those of its groups that have it, sorted
}

// Held reports whether the permission is held.
func (e Explanation) Held() bool {
	return !e.Inactive && (e.Superuser || e.Own || len(e.Groups) > 0)
}

// String returns the explanation in a sentence.
func (e Explanation) String() string {
	var from []string
	if e.Superuser {
		from = append(from, "as a superuser")
	}
	if e.Own {
		from = append(from, "by a permission of its own")
	}
	for _, name := range e.Groups {
		from = append(from, "by the group "+name)
	}
	switch {
	case len(from) == 0:
		return "The account does not hold this permission."
	case e.Inactive:
		return "The account is not active and holds nothing; otherwise it would hold this permission " + strings.Join(from, " and ") + "."
	}
	return "The account holds this permission " + strings.Join(from, " and ") + "."
}

// explain returns from where an account holds p.
func explain(a Account, h Holdings, p access.Permission) Explanation {
	e := Explanation{Inactive: !a.IsActive, Superuser: a.IsSuperuser, Own: slices.Contains(h.Permissions, p)}
	for _, g := range h.Groups {
		if slices.Contains(g.Permissions, p) {
			e.Groups = append(e.Groups, g.Name)
		}
	}
	return e
}
