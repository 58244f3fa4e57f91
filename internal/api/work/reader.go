package work

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
)

// reader takes values from an input, and notes what is wrong with them.
type reader struct {
	in     form.Input
	faults fault.Fields
}

// The messages of Django REST Framework's fields.
const (
	messageRequired = "This field is required."
	messageNull     = "This field may not be null."
	messageText     = "Not a valid string."
	messageBoolean  = "Must be a valid boolean."
	messageInteger  = "A valid integer is required."
	messageNumber   = "A valid number is required."
	messageTime     = "This is no time. Use one such as 2027-01-31T13:45:00Z; without Z or an offset it is in UTC."
	messageObject   = "An object is needed."
)

// given reports whether a field is there.
func (r *reader) given(name string) bool {
	_, ok := r.in[name]
	return ok
}

// require notes what is missing.
func (r *reader) require(names ...string) {
	for _, name := range names {
		if !r.given(name) {
			r.faults.Add(name, messageRequired)
		}
	}
}

// isEmpty reports whether a value stands for none: null, or an empty text.
func isEmpty(v form.Value) bool {
	return v.Kind == form.Null || v.Kind == form.String && strings.TrimSpace(v.Text) == ""
}

// text reads a text. Null is none where that is allowed.
func (r *reader) text(name string, into *string, nullable bool) {
	v, ok := r.in[name]
	switch {
	case !ok:
	case v.Kind == form.Null && nullable:
		*into = ""
	case v.Kind == form.Null:
		r.faults.Add(name, messageNull)
	case v.Kind == form.String || v.Kind == form.Integer:
		*into = v.Text
	default:
		r.faults.Add(name, messageText)
	}
}

// boolean reads a truth, by the words that Django REST Framework takes.
func (r *reader) boolean(name string, into *bool) {
	v, ok := r.in[name]
	word := strings.ToLower(v.Text)
	switch {
	case !ok:
	case v.Kind == form.Null:
		r.faults.Add(name, messageNull)
	case v.Kind == form.Boolean:
		*into = v.Bool
	case slices.Contains([]string{"true", "t", "yes", "y", "on", "1"}, word):
		*into = true
	case slices.Contains([]string{"false", "f", "no", "n", "off", "0"}, word):
		*into = false
	default:
		r.faults.Add(name, messageBoolean)
	}
}

// integer reads a whole number; into gets nil for none.
func (r *reader) integer(name string, into **int64) {
	v, ok := r.in[name]
	if !ok {
		return
	}
	if isEmpty(v) {
		*into = nil
		return
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text), 10, 64)
	if err != nil || v.Kind != form.Integer && v.Kind != form.String {
		r.faults.Add(name, messageInteger)
		return
	}
	*into = &n
}

// number reads a number.
func (r *reader) number(name string, into *float64) {
	v, ok := r.in[name]
	switch {
	case !ok:
	case v.Kind == form.Float:
		*into = v.Number
	case v.Kind == form.Integer || v.Kind == form.String:
		n, err := strconv.ParseFloat(strings.TrimSpace(v.Text), 64)
		if err != nil {
			r.faults.Add(name, messageNumber)
		}
		*into = n
	default:
		r.faults.Add(name, messageNumber)
	}
}

// moment reads a time; into gets the zero time for none.
func (r *reader) moment(name string, into *time.Time) {
	v, ok := r.in[name]
	switch {
	case !ok:
	case isEmpty(v):
		*into = time.Time{}
	case v.Kind == form.String:
		at, ok := ParseTime(v.Text)
		if !ok {
			r.faults.Add(name, messageTime)
		}
		*into = at
	default:
		r.faults.Add(name, messageTime)
	}
}

// ParseTime reads a time of ISO 8601, with T or a space between date and time.
// Without an offset it is in UTC; it may lack the time of day, and seconds. In UTC
// it is of the years 1 to 9999, as databases store and compare no others.
func ParseTime(text string) (time.Time, bool) {
	text = strings.Replace(strings.TrimSpace(text), " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			at = at.UTC()
			return at, at.Year() >= 1 && at.Year() <= 9999 && !at.IsZero()
		}
	}
	return time.Time{}, false
}

// json reads any JSON as text. A text is JSON itself, as forms have it.
func (r *reader) json(name string, into *string) {
	v, ok := r.in[name]
	switch {
	case !ok:
	case v.Kind == form.Null:
		*into = ""
	case v.Kind == form.Boolean:
		*into = strconv.FormatBool(v.Bool)
	case v.Kind == form.Float:
		*into = strconv.FormatFloat(v.Number, 'g', -1, 64)
	default:
		*into = v.Text
	}
}
