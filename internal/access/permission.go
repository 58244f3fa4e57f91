// Package access says who may do what.
package access

// Permission is one thing that can be allowed, named as Django names it:
// application label, dot, codename.
type Permission string

// The permissions on the table t_users, as Django's migrations create them
// for the model TUser of the application users.
const (
	ViewUser   Permission = "users.view_tuser"
	AddUser    Permission = "users.add_tuser"
	ChangeUser Permission = "users.change_tuser"
	DeleteUser Permission = "users.delete_tuser"
)

// Model is what permissions are about: a model of Django's.
type Model struct{ App, Name string }

// The models beside TUser that Roster works with.
var (
	Accounts  = Model{"auth", "user"}
	Groups    = Model{"auth", "group"}
	Schedules = Model{"django_celery_beat", "periodictask"}
)

// View is the permission to read rows of the model.
func (m Model) View() Permission { return m.permission("view") }

// Add is the permission to add rows of the model.
func (m Model) Add() Permission { return m.permission("add") }

// Change is the permission to change rows of the model.
func (m Model) Change() Permission { return m.permission("change") }

// Delete is the permission to delete rows of the model.
func (m Model) Delete() Permission { return m.permission("delete") }

func (m Model) permission(verb string) Permission {
	return Permission(m.App + "." + verb + "_" + m.Name)
}

// ViewAudit is the permission to read the audit trail. Django's log of its admin
// site is the nearest that Django has.
const ViewAudit Permission = "admin.view_logentry"

// Public is the permission of what everybody may see, such as the index of the API.
const Public Permission = ""
