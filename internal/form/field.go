package form

import (
	"fmt"
	"strings"
)

// Type is the type of a field, named as in the OPTIONS metadata of Django REST
// Framework.
type Type string

// The types of fields.
const (
	TypeInteger  Type = "integer"
	TypeString   Type = "string"
	TypeEmail    Type = "email"
	TypeBoolean  Type = "boolean"
	TypeDateTime Type = "datetime"
	TypeFloat    Type = "float"
	TypeJSON     Type = "field" // any JSON
)

// Field describes a field of a record as seen by callers. Lengths are in code
// points after trimming; 0 means no limit.
type Field struct {
	Name      string // in requests and responses
	Label     string // for display
	Type      Type
	Required  bool // required on Create and Replace
	ReadOnly  bool // ignored in input
	Nullable  bool // may be null
	Blank     bool // may be an empty string
	Secret    bool // pages do not show it
	MaxLength int
	MinLength int // a serializer rule that the OPTIONS metadata does not show
	// Rules validate a text that passes the other rules.
	Rules   []Rule
	Example any // a value for documentation; may be nil
	// InputMode is the HTML attribute inputmode, which selects a phone's keyboard.
	InputMode string
}

// Rule returns what is wrong with a normalized text, "" if it is valid.
type Rule func(text string) (message string)

// The controls of HTML.
const (
	Checkbox = "checkbox"
	Textarea = "textarea"
	Line     = "input"
)

// Control returns the control for the field: Checkbox, Textarea or Line. E-mail
// addresses use a Line, because browsers rewrite international domains in inputs
// of type email.
func (f Field) Control() string {
	switch {
	case f.Type == TypeBoolean:
		return Checkbox
	case f.Type == TypeJSON, f.Type == TypeString && f.MaxLength == 0 && !f.Secret:
		return Textarea
	}
	return Line
}

// Hint describes whether a text is required and its length limits.
func (f Field) Hint() string {
	var parts []string
	if f.Required {
		parts = append(parts, "required")
	}
	switch {
	case f.MinLength > 1 && f.MaxLength > 0:
		parts = append(parts, fmt.Sprintf("%d–%d characters", f.MinLength, f.MaxLength))
	case f.MaxLength > 0:
		parts = append(parts, fmt.Sprintf("up to %d characters", f.MaxLength))
	}
	return strings.Join(parts, ", ")
}
