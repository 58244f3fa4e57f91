package web

import (
	"fmt"
	"strings"

	"roster/internal/form"
	"roster/internal/user"
)

// formField is one control of the form that makes and changes users.
type formField struct {
	Name, Label, Hint string
	Control           string // input, textarea or checkbox
	InputMode         string // which keyboard a telephone shows
	Autocomplete      string
	Required          bool
}

// formFields returns a control for every field that can be written.
func formFields() []formField {
	var controls []formField
	for _, field := range user.Fields() {
		if !field.ReadOnly {
			controls = append(controls, newFormField(field))
		}
	}
	return controls
}

func newFormField(field form.Field) formField {
	f := formField{Name: field.Name, Label: field.Label, Required: field.Required, Control: "input", Hint: hintOf(field)}
	switch {
	case field.Type == form.TypeBoolean:
		f.Control = "checkbox"
	case field.Type == form.TypeEmail:
		// Not an input of type email: browsers rewrite international domains in those.
		f.InputMode = "email"
	case field.MaxLength == 0:
		f.Control = "textarea"
	case field.Name == "phone":
		f.InputMode = "tel"
	}
	return f
}

// hintOf says what a field asks for.
func hintOf(field form.Field) string {
	var parts []string
	if field.Required {
		parts = append(parts, "required")
	}
	if field.MinLength > 1 && field.MaxLength > 0 {
		parts = append(parts, fmt.Sprintf("%d–%d characters", field.MinLength, field.MaxLength))
	}
	return strings.Join(parts, ", ")
}
