package user

import (
	"fmt"
	"strings"

	"roster/internal/fault"
)

// The messages of Django REST Framework's fields.
const (
	messageRequired     = "This field is required."
	messageNull         = "This field may not be null."
	messageBlank        = "This field may not be blank."
	messageNotText      = "Not a valid string."
	messageNotBoolean   = "Must be a valid boolean."
	messageTooLong      = "Ensure this field has no more than %d characters."
	messageNullByte     = "Null characters are not allowed."
	messageSurrogate    = "Surrogate characters are not allowed: U+%X."
	messageInvalidEmail = "Enter a valid email address."
	messageTooShort     = "%s must be at least %d characters long."
	messageTooManyWords = "Ensure this field has no more than %d words."
)

// Validate applies the rules of Fields to an input. It answers with every
// fault of every field, in the order of Fields and in the words of Django REST
// Framework 3.14, and with a Change that holds the normalised values of the
// fields that have none; the Change may be applied only when there is no fault
// at all. Texts are trimmed, numbers given for a text become one, the e-mail
// is lower-cased after it was judged. Fields left out stay nil: Validate fills
// in no defaults. Read-only and unknown fields are ignored. The same input
// always gives the same answer; in is not changed.
func Validate(in Input, mode Mode) (Change, fault.Fields) {
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
			faults.Add(field.Name, field.take(value, &change)...)
		case field.Required && mode != Partial:
			faults.Add(field.Name, messageRequired)
		}
	}
	return change, faults
}

// take notes the value in the change, or says what is wrong with it.
func (f *Field) take(value Value, change *Change) []string {
	switch {
	case value.Kind == Null && !f.Nullable:
		return []string{messageNull}
	case f.Type == TypeBoolean:
		truth, ok := truthOf(value)
		if !ok {
			return []string{messageNotBoolean}
		}
		change.IsActive = &truth
	case value.Kind == Null:
		change.setText(f.Name, Text{})
	default:
		text, messages := f.readText(value)
		if len(messages) > 0 {
			return messages
		}
		change.setText(f.Name, TextOf(text))
	}
	return nil
}

func (c *Change) setText(name string, text Text) {
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

// readText returns the normalised text, or what is wrong with the value.
func (f *Field) readText(value Value) (string, []string) {
	text, ok := plainText(value)
	switch {
	case !ok && f.Type == TypeEmail:
		return "", []string{messageInvalidEmail} // an EmailField says so of a wrong type too
	case !ok:
		return "", []string{messageNotText}
	case text == "" && !f.Blank:
		return "", []string{messageBlank}
	case text == "":
		return "", nil
	}
	if messages := f.judge(text); len(messages) > 0 {
		return "", messages
	}
	if f.Type == TypeEmail {
		text = Lower(text)
	}
	return text, nil
}

// judge runs the field's validators on a trimmed text that is not empty. All
// of them speak, in the order in which Django REST Framework 3.14 runs them;
// the least length is looked at only when they find nothing.
func (f *Field) judge(text string) []string {
	var messages []string
	if f.MaxLength > 0 && length(text) > f.MaxLength {
		messages = append(messages, fmt.Sprintf(messageTooLong, f.MaxLength))
	}
	if strings.IndexByte(text, 0) >= 0 {
		messages = append(messages, messageNullByte)
	}
	if surrogate := firstSurrogate(text); surrogate != 0 {
		messages = append(messages, fmt.Sprintf(messageSurrogate, surrogate))
	}
	if f.Type == TypeEmail && !ValidEmail(text) {
		messages = append(messages, messageInvalidEmail)
	}
	if messages == nil && length(text) < f.MinLength {
		messages = append(messages, fmt.Sprintf(messageTooShort, f.Label, f.MinLength))
	}
	return messages
}

// plainText returns the trimmed text of a value, as a CharField takes it: texts
// and numbers, but neither booleans nor containers.
func plainText(value Value) (string, bool) {
	switch value.Kind {
	case String:
		return Strip(value.Text), true
	case Integer:
		return value.Text, true
	case Float:
		return formatFloat(value.Number), true
	default:
		return "", false
	}
}

// truthOf reads a value as a BooleanField does; text in any case, untrimmed.
func truthOf(value Value) (truth, ok bool) {
	switch value.Kind {
	case Boolean:
		return value.Bool, true
	case Integer:
		return value.Text == "1", value.Text == "0" || value.Text == "1"
	case Float:
		return value.Number == 1, value.Number == 0 || value.Number == 1
	case String:
		return truthOfText(value.Text)
	default:
		return false, false
	}
}

func truthOfText(text string) (truth, ok bool) {
	if len(text) > len("false") {
		return false, false
	}
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y", "on", "1":
		return true, true
	case "false", "f", "no", "n", "off", "0":
		return false, true
	default:
		return false, false
	}
}
