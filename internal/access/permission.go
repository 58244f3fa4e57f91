// Package access defines actors and permissions: who may do what.
package access

// Permission is a single permission, named as in Django: application label,
// dot, codename.
type Permission string

// The permissions on the table t_users, as Django's migrations create them
// for the model TUser of the application users.
const (
	ViewUser   Permission = "users.view_tuser"
	AddUser    Permission = "users.add_tuser"
	ChangeUser Permission = "users.change_tuser"
	DeleteUser Permission = "users.delete_tuser"
)

// MailUser is the permission to send mail to users, and to addresses outside.
// Django's migrations do not create it; Roster's do.
const MailUser Permission = "users.mail_tuser"

// Model is a Django model that permissions apply to.
type Model struct{ App, Name string }

// The models that Roster works with.
var (
	Accounts  = Model{"auth", "user"}
	Groups    = Model{"auth", "group"}
	Schedules = Model{"django_celery_beat", "periodictask"}
	Users     = Model{"users", "tuser"}
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

// ViewAudit is the permission to read the audit trail. Django's closest
// permission is that on its admin log.
const ViewAudit Permission = "admin.view_logentry"

// Superuser is the permission to change the process itself. Superusers alone hold it:
// it is no row of Django's permissions, and cannot be granted.
const Superuser Permission = "superuser"

// Public is the permission that everyone holds, for example to see the API's
// index.
const Public Permission = ""
