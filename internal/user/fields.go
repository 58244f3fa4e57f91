package user

import (
	"roster/internal/fault"
	"roster/internal/form"
)

// table is the only description of the fields of a user; it is read-only. A new
// field is a row here, a field of User, and a migration.
var table = form.Table[User]{
	{Field: form.Field{Name: "id", Label: "Id", Type: form.TypeInteger, ReadOnly: true, Example: 1},
		At: func(u *User) any { return &u.ID }},
	{Field: form.Field{Name: "username", Label: "Username", Type: form.TypeString, Required: true, MaxLength: 100, MinLength: 3, Example: "john_doe"},
		At: func(u *User) any { return &u.Username }, Searched: true},
	{Field: form.Field{Name: "email", Label: "Email", Type: form.TypeEmail, Required: true, MaxLength: 255, InputMode: "email", Example: "john@example.com"},
		At: func(u *User) any { return &u.Email }, Searched: true},
	{Field: form.Field{Name: "first_name", Label: "First name", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100, Example: "John"},
		At: func(u *User) any { return &u.FirstName }, Searched: true},
	{Field: form.Field{Name: "last_name", Label: "Last name", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 100, Example: "Doe"},
		At: func(u *User) any { return &u.LastName }, Searched: true},
	{Field: form.Field{Name: "phone", Label: "Phone", Type: form.TypeString, Nullable: true, Blank: true, MaxLength: 20, InputMode: "tel", Example: "+1234567890"},
		At: func(u *User) any { return &u.Phone }, Searched: true},
	{Field: form.Field{Name: "address", Label: "Address", Type: form.TypeString, Nullable: true, Blank: true, Example: "123 Main St, City, Country"},
		At: func(u *User) any { return &u.Address }},
	{Field: form.Field{Name: "is_active", Label: "Is active", Type: form.TypeBoolean, Example: true},
		At: func(u *User) any { return &u.IsActive }},
	{Field: form.Field{Name: "created_at", Label: "Created at", Type: form.TypeDateTime, ReadOnly: true, Example: "2025-11-21T10:30:00Z"},
		At: func(u *User) any { return &u.CreatedAt }},
	{Field: form.Field{Name: "updated_at", Label: "Updated at", Type: form.TypeDateTime, ReadOnly: true, Example: "2025-11-21T10:30:00Z"},
		At: func(u *User) any { return &u.UpdatedAt }},
}

// Table returns the fields of a user.
func Table() form.Table[User] { return table }

// Change is valid and normalized input.
type Change = form.Change[User]

// Validate applies the rules of the fields to an input; see form.Table.Read.
func Validate(in form.Input, mode form.Mode) (Change, fault.Fields) { return table.Read(in, mode) }
