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

// ViewAudit is the permission to read the audit trail. Django's log of its admin
// site is the nearest that Django has.
const ViewAudit Permission = "admin.view_logentry"

// Public is the permission of what everybody may see, such as the index of the API.
const Public Permission = ""
