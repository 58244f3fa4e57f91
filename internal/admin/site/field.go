package site

import (
	"strings"
	"time"
)

// Fieldset is a part of the form of a record.
type Fieldset struct {
	Title  string // "" for a part without one
	Help   string
	Fields []Field
}

// Field is a field of the form.
type Field struct {
	Name, Label string
	Help        string
	Widget      Widget
	InputMode   string // of HTML: what keyboard a phone shows
	Required    bool
	ReadOnly    bool
	Initial     string // in the form of a new record; "true" ticks a box
}

// Widget is how a field is filled in.
type Widget string

// The widgets. A box gives "true" or "".
const (
	Line Widget = "line"
	Area Widget = "area"
	Box  Widget = "box"
)

// fields returns the fields of the form that can be filled in.
func (res *Resource) fields() (fields []Field) {
	for _, set := range res.Fieldsets {
		for _, f := range set.Fields {
			if !f.ReadOnly {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// textOf returns the value of a field as a form has it.
func textOf(value any) string {
	if v, ok := value.(bool); ok {
		if v {
			return "true"
		}
		return ""
	}
	return normalised(newCell(value, time.UTC).Text)
}

// normalised ends lines as they are stored: forms end them with CR LF.
func normalised(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
}

// shownText returns the value of a field of a form for people.
func (f Field) shownText(value string) string {
	switch {
	case f.Widget == Box && value == "":
		return "No"
	case f.Widget == Box:
		return "Yes"
	case value == "":
		return "–"
	}
	return value
}

// fieldView is a field as the form shows it.
type fieldView struct {
	Field

	Value   string
	Before  string // the value that the form began with
	Faults  []string
	Note    string // what another person did to it
	Display *cell  // instead of a widget
}

// Describes reports whether something beside the field says more about it.
func (f fieldView) Describes() bool { return f.Help != "" || f.Note != "" || len(f.Faults) > 0 }

// HasBreaks reports whether the value has lines, which one line would lose.
func (f fieldView) HasBreaks() bool { return strings.ContainsAny(f.Value, "\r\n") }
