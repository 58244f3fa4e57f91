package form

import (
	"fmt"
	"strings"
	"time"
)

// The messages of Django REST Framework's fields.
const (
	MessageRequired     = "This field is required."
	MessageNotBoolean   = "Must be a valid boolean."
	MessageTooLong      = "Ensure this field has no more than %d characters."
	MessageNullByte     = "Null characters are not allowed."
	messageNull         = "This field may not be null."
	messageBlank        = "This field may not be blank."
	messageNotText      = "Not a valid string."
	messageSurrogate    = "Surrogate characters are not allowed: U+%X."
	messageInvalidEmail = "Enter a valid email address."
	messageTooShort     = "%s must be at least %d characters long."
)

// read parses a value into the record's field, or returns what is wrong with it.
func (f *Field) read(value Value, at any) (messages []string) {
	if value.Kind == Null && !f.Nullable {
		return []string{messageNull}
	}
	switch at := at.(type) {
	case *bool:
		*at, messages = f.ReadBool(value)
	case *string:
		if f.Type == TypeJSON {
			*at = readJSON(value)
			return nil
		}
		var text Text
		text, messages = f.ReadText(value)
		*at = text.String
	case *Text:
		*at, messages = f.ReadText(value)
	case *int64:
		*at, messages = f.readInt(value, 64)
	case **int:
		*at, messages = f.readOptionalInt(value)
	case *float64:
		*at, messages = readFloat(value)
	case *time.Time:
		*at, messages = f.readTime(value)
	}
	return messages
}

// ReadBool parses a value for a boolean field, or returns what is wrong with it.
func (f *Field) ReadBool(value Value) (truth bool, messages []string) {
	truth, ok := truthOf(value)
	if !ok {
		return false, []string{MessageNotBoolean}
	}
	return truth, nil
}

// ReadText returns the normalized text of a value for a text field, or all its
// errors; null is absent. Texts are trimmed, numbers are converted to texts, and a
// valid e-mail address is lower-cased.
func (f *Field) ReadText(value Value) (Text, []string) {
	if value.Kind == Null {
		return Text{}, nil
	}
	text, ok := plainText(value)
	switch {
	case !ok && f.Type == TypeEmail:
		return Text{}, []string{messageInvalidEmail} // an EmailField reports a wrong type the same way
	case !ok:
		return Text{}, []string{messageNotText}
	case text == "" && !f.Blank:
		return Text{}, []string{messageBlank}
	}
	if messages := f.judge(text); len(messages) > 0 {
		return Text{}, messages
	}
	if f.Type == TypeEmail {
		text = Lower(text)
	}
	for _, rule := range f.Rules {
		if message := rule(text); message != "" {
			return Text{}, []string{message}
		}
	}
	return TextOf(text), nil
}

// judge runs the field's validators on a trimmed text, in the order of Django
// REST Framework 3.14; an empty text is always valid. The minimum length is
// checked only if the others pass.
func (f *Field) judge(text string) []string {
	if text == "" {
		return nil
	}
	var messages []string
	if f.MaxLength > 0 && Length(text) > f.MaxLength {
		messages = append(messages, fmt.Sprintf(MessageTooLong, f.MaxLength))
	}
	if strings.IndexByte(text, 0) >= 0 {
		messages = append(messages, MessageNullByte)
	}
	if surrogate := firstSurrogate(text); surrogate != 0 {
		messages = append(messages, fmt.Sprintf(messageSurrogate, surrogate))
	}
	if f.Type == TypeEmail && !ValidEmail(text) {
		messages = append(messages, messageInvalidEmail)
	}
	if messages == nil && Length(text) < f.MinLength {
		messages = append(messages, fmt.Sprintf(messageTooShort, f.Label, f.MinLength))
	}
	return messages
}

// plainText returns the trimmed text of a value, as accepted by a CharField:
// texts and numbers, but neither booleans nor containers.
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

// truthOf parses a value like a BooleanField; text in any case, untrimmed.
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
