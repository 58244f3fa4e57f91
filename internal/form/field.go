package form

import (
	"fmt"
	"strings"
)

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
	TypeFloat    Type = "float"
	TypeJSON     Type = "field" // any JSON
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
	// Rules judge a text that the other rules find nothing wrong with.
	Rules   []Rule
	Example any // a value for documentation; nil for none
	// InputMode is HTML's attribute of that name: the keyboard that a phone shows.
	InputMode string
}

// Rule returns what is wrong with a normalised text, "" when nothing is.
type Rule func(text string) (message string)

// The controls of HTML.
const (
	Checkbox = "checkbox"
	Textarea = "textarea"
	Line     = "input"
)

// Control returns what a page shows for the field: Checkbox, Textarea or Line. An
// address of e-mail is a Line and no input of that type: browsers rewrite
// international domains in those.
func (f Field) Control() string {
	switch {
	case f.Type == TypeBoolean:
		return Checkbox
	case f.Type == TypeJSON, f.Type == TypeString && f.MaxLength == 0:
		return Textarea
	}
	return Line
}

// Hint says in words whether a text must be given and how long it may be.
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
