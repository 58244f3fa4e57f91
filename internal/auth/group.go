package auth

import (
	"slices"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
)

// Group is one row of auth_group: permissions shared by several accounts.
type Group struct {
	ID          int64
	Name        string              // 1 to 150 code points; unique, exactly as written
	Permissions []access.Permission // sorted
}

// Has reports whether the group has the permission.
func (g Group) Has(p access.Permission) bool { return slices.Contains(g.Permissions, p) }

// GroupChange is a change of a group. Nil fields stay unchanged.
type GroupChange struct {
	Name        *string
	Permissions *[]access.Permission
}

func (c GroupChange) apply(g Group) Group {
	set(&g.Name, normalised(c.Name, form.Strip))
	if c.Permissions != nil {
		g.Permissions = sorted(*c.Permissions)
	}
	return g
}

// faults returns the errors of Django's form for the group's name.
func (g Group) faults() (found fault.Fields) {
	if g.Name == "" {
		found.Add("name", "This field is required.")
	}
	found.Add("name", badText(g.Name, maxName)...)
	return found
}

// PermissionRow is one row of auth_permission, to choose from.
type PermissionRow struct {
	Permission access.Permission
	Model      access.Model
	Name       string // such as "Can add group"
}
