package user

import (
	"roster/internal/fault"
	"roster/internal/form"
)

// Validate applies the rules of Fields to an input. It answers with every
// fault of every field, in the order of Fields and in the words of Django REST
// Framework 3.14, and with a Change that holds the normalised values of the
// fields that have none; the Change may be applied only when there is no fault
// at all. Texts are trimmed, numbers given for a text become one, the e-mail
// is lower-cased after it was judged. Fields left out stay nil: Validate fills
// in no defaults. Read-only and unknown fields are ignored. The same input
// always gives the same answer; in is not changed.
func Validate(in form.Input, mode form.Mode) (Change, fault.Fields) {
	var change Change
	var faults fault.Fields
	for i := range fields {
		field := &fields[i]
		if field.ReadOnly {
			continue
		}
		value, given := in[field.Name]
		switch {
		case given:
			faults.Add(field.Name, change.take(field, value)...)
		case field.Required && mode != form.Partial:
			faults.Add(field.Name, form.MessageRequired)
		}
	}
	return change, faults
}

// take notes the value in the change, or says what is wrong with it.
func (c *Change) take(f *form.Field, value form.Value) []string {
	if f.Type == form.TypeBoolean {
		truth, messages := f.ReadBool(value)
		if messages == nil {
			c.IsActive = &truth
		}
		return messages
	}
	text, messages := f.ReadText(value)
	if messages == nil {
		c.setText(f.Name, text)
	}
	return messages
}

func (c *Change) setText(name string, text form.Text) {
	switch name {
	case "username":
		c.Username = &text.String
	case "email":
		c.Email = &text.String
	case "first_name":
		c.FirstName = &text
	case "last_name":
		c.LastName = &text
	case "phone":
		c.Phone = &text
	case "address":
		c.Address = &text
	}
}
