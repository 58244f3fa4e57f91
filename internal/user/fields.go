package user

import "slices"

// FieldType is the type of a field, by the names that the OPTIONS metadata of
// Django REST Framework gives them.
type FieldType string

// The types of the fields of a user.
const (
	TypeInteger  FieldType = "integer"
	TypeString   FieldType = "string"
	TypeEmail    FieldType = "email"
	TypeBoolean  FieldType = "boolean"
	TypeDateTime FieldType = "datetime"
)

// Field describes one field of a user as callers see it. Lengths are in code
// points after trimming; 0 is no limit.
type Field struct {
	Name      string // in inputs and answers
	Label     string // for people
	Type      FieldType
	Required  bool // must be there on Create and Replace
	ReadOnly  bool // never taken from an input
	Nullable  bool // may be null
	Blank     bool // may be empty text
	MaxLength int
	MinLength int // a rule of the serializer, which the OPTIONS metadata does not show
}

// fields is the one description of a user; nothing changes it.
var fields = [...]Field{
	{Name: "id", Label: "Id", Type: TypeInteger, ReadOnly: true},
	{Name: "username", Label: "Username", Type: TypeString, Required: true, MaxLength: 100, MinLength: 3},
	{Name: "email", Label: "Email", Type: TypeEmail, Required: true, MaxLength: 255},
	{Name: "first_name", Label: "First name", Type: TypeString, Nullable: true, Blank: true, MaxLength: 100},
	{Name: "last_name", Label: "Last name", Type: TypeString, Nullable: true, Blank: true, MaxLength: 100},
	{Name: "phone", Label: "Phone", Type: TypeString, Nullable: true, Blank: true, MaxLength: 20},
	{Name: "address", Label: "Address", Type: TypeString, Nullable: true, Blank: true},
	{Name: "is_active", Label: "Is active", Type: TypeBoolean},
	{Name: "created_at", Label: "Created at", Type: TypeDateTime, ReadOnly: true},
	{Name: "updated_at", Label: "Updated at", Type: TypeDateTime, ReadOnly: true},
}

// Fields returns the fields of a user in the order in which they are shown:
// in answers, in forms and in the list of an input's faults. The slice is the
// caller's own.
func Fields() []Field { return slices.Clone(fields[:]) }
