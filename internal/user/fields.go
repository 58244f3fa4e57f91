package user

import (
	"slices"

	"roster/internal/form"
)

// fields is the one description of a user; nothing changes it.
var fields = [...]form.Field{
	{Name: "id", Label: "Id", Type: form.TypeInteger, ReadOnly: true},
	{Name: "username", Label: "Username", Type: form.TypeString, Required: true, MaxLength: 100, MinLength: 3},
	{Name: "email", Label: "Email", Type: form.TypeEmail, Required: true, MaxLength: 255},
	{Name: "first_name", Label: "First name", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100},
	{Name: "last_name", Label: "Last name", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100},
	{Name: "phone", Label: "Phone", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 20},
	{Name: "address", Label: "Address", Type: form.TypeString, Nullable: true, Blank: true},
	{Name: "is_active", Label: "Is active", Type: form.TypeBoolean},
	{Name: "created_at", Label: "Created at", Type: form.TypeDateTime, ReadOnly: true},
	{Name: "updated_at", Label: "Updated at", Type: form.TypeDateTime, ReadOnly: true},
}

// Fields returns the fields of a user in the order in which they are shown:
// in answers, in forms and in the list of an input's faults. The slice is the
// caller's own.
func Fields() []form.Field { return slices.Clone(fields[:]) }
