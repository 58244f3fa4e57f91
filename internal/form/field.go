package form

// Type is the type of a field, by the names that the OPTIONS metadata of
// Django REST Framework gives them.
type Type string

// The types of fields.
const (
	TypeInteger  Type = "integer"
	TypeString   Type = "string"
	TypeEmail    Type = "email"
	TypeBoolean  Type = "boolean"
	TypeDateTime Type = "datetime"
)

// Field describes one field of a record as callers see it. Lengths are in code
// points after trimming; 0 is no limit.
type Field struct {
	Name      string // in inputs and answers
	Label     string // for people
	Type      Type
	Required  bool // must be there on Create and Replace
	ReadOnly  bool // never taken from an input
	Nullable  bool // may be null
	Blank     bool // may be empty text
	MaxLength int
	MinLength int // a rule of the serializer, which the OPTIONS metadata does not show
}
