package form

import (
	"strconv"
	"strings"
	"time"

	"roster/internal/zone"
)

// The messages about values that are no texts.
const (
	MessageNotObject  = "Enter an object."
	messageNotInteger = "A valid integer is required."
	messageNotNumber  = "A valid number is required."
	messageNotTime    = "Enter a time such as 2027-01-31 14:30 or 2027-01-31T13:45:00Z."
)

// IsEmpty reports whether a value stands for none: null, or an empty text.
func (v Value) IsEmpty() bool {
	return v.Kind == Null || v.Kind == String && Strip(v.Text) == ""
}

// readInt parses an integer of that many bits; 0 for none, where the field may be
// null.
func (f *Field) readInt(value Value, bits int) (n int64, messages []string) {
	if f.Nullable && value.IsEmpty() {
		return 0, nil
	}
	n, err := strconv.ParseInt(Strip(value.Text), 10, bits)
	if err != nil || value.Kind != Integer && value.Kind != String {
		return 0, []string{messageNotInteger}
	}
	return n, nil
}

// readOptionalInt parses an integer; nil for none.
func (f *Field) readOptionalInt(value Value) (*int, []string) {
	n, messages := f.readInt(value, 32)
	if value.IsEmpty() || messages != nil {
		return nil, messages
	}
	small := int(n)
	return &small, nil
}

func readFloat(value Value) (float64, []string) {
	switch value.Kind {
	case Float:
		return value.Number, nil
	case Integer, String:
		if n, err := strconv.ParseFloat(Strip(value.Text), 64); err == nil {
			return n, nil
		}
	}
	return 0, []string{messageNotNumber}
}

// readTime reads a time as ParseTime does, in UTC unless it has an offset; the
// zero time for none, where the field may be null.
func (f *Field) readTime(value Value) (time.Time, []string) {
	if f.Nullable && value.IsEmpty() {
		return time.Time{}, nil
	}
	if at, ok := ParseTime(value.Text, time.UTC); ok && value.Kind == String {
		return at, nil
	}
	return time.Time{}, []string{messageNotTime}
}

// ParseTime reads a time of ISO 8601, with T or a space between date and time.
// Without an offset it is in the zone; it may lack the time of day, and seconds.
// The result is in UTC and of the years 1 to 9999, as databases store and compare
// no others.
func ParseTime(text string, in *time.Location) (time.Time, bool) {
	text = strings.Replace(Strip(text), " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			if !strings.HasSuffix(layout, "Z07:00") {
				at = zone.First(at, in)
			}
			at = at.UTC()
			return at, at.Year() >= 1 && at.Year() <= 9999 && !at.IsZero()
		}
	}
	return time.Time{}, false
}

// readJSON reads any JSON as text. A text is JSON itself, as forms have it.
func readJSON(value Value) string {
	switch value.Kind {
	case Boolean:
		return strconv.FormatBool(value.Bool)
	case Float:
		return strconv.FormatFloat(value.Number, 'g', -1, 64)
	}
	return value.Text
}

// valueOf returns the value that reads as what is at a place.
func (f *Field) valueOf(at any) Value {
	switch at := at.(type) {
	case *string:
		return f.textValue(*at)
	case *Text:
		if at.Valid {
			return f.textValue(at.String)
		}
	case *bool:
		return Value{Kind: Boolean, Bool: *at}
	case *int64:
		if *at != 0 || !f.Nullable {
			return Value{Kind: Integer, Text: strconv.FormatInt(*at, 10)}
		}
	case **int:
		if *at != nil {
			return Value{Kind: Integer, Text: strconv.Itoa(**at)}
		}
	case *float64:
		return Value{Kind: Float, Number: *at}
	case *time.Time:
		if !at.IsZero() {
			return Value{Kind: String, Text: at.UTC().Format(time.RFC3339Nano)}
		}
	}
	return Value{}
}

func (f *Field) textValue(text string) Value {
	switch {
	case f.Type == TypeJSON && strings.HasPrefix(text, "["):
		return Value{Kind: List, Text: text}
	case f.Type == TypeJSON && strings.HasPrefix(text, "{"):
		return Value{Kind: Object, Text: text}
	}
	return Value{Kind: String, Text: text}
}
